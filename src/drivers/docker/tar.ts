import { err, ok, type Result } from '../../util/result.ts';

/** A file to be put into an archive. */
export interface TarFile {
  readonly name: string;
  readonly content: string | Buffer;
  readonly mode: number;
  readonly user: number;
  readonly group: number;
}

const block = 512;

/** A ustar archive of files in one folder; the error is a name that it cannot hold. */
export function writeTar(files: readonly TarFile[]): Result<Buffer, string> {
  const long = files.find(({ name }) => Buffer.byteLength(name) > 100);
  if (long) return err(long.name);
  const parts = files.flatMap((file) => {
    const content = Buffer.from(file.content);
    return [header(file, content.length), content, Buffer.alloc((block - (content.length % block)) % block)];
  });
  return ok(Buffer.concat([...parts, Buffer.alloc(2 * block)]));
}

/** The content of the one plain file in an archive that an engine has sent; `undefined` when it has none. */
export function readTarFile(archive: Buffer): string | undefined {
  for (let at = 0; at + block <= archive.length;) {
    const head = archive.subarray(at, at + block);
    const size = Number.parseInt(head.toString('latin1', 124, 136).replace(/[\0 ]+$/, ''), 8) || 0;
    const type = head.toString('latin1', 156, 157);
    if (type === '0' || type === '\0') {
      return head[0] === 0 ? undefined : archive.toString('utf8', at + block, at + block + size);
    }
    at += block + Math.ceil(size / block) * block;
  }
  return undefined;
}

function header({ name, mode, user, group }: TarFile, size: number): Buffer {
  const head = Buffer.alloc(block);
  const octal = (value: number, at: number, width: number): void => {
    head.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  };
  head.write(name, 0, 'utf8');
  octal(mode, 100, 8);
  octal(user, 108, 8);
  octal(group, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  head.write('        0', 148, 'latin1'); // the checksum counts as blanks; `0` is a plain file
  head.write('ustar\x0000', 257, 'latin1');
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return head;
}
