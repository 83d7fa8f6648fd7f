import { open, type FileHandle } from 'node:fs/promises';
import { isSystemError } from './failure.ts';

const blockSize = 64 * 1024;
const lineBreak = 0x0a;

/** Reads a growing file line by line. A line is read whole: it ends in its line break, never inside a character. */
export interface LineReader {
  /** The lines that have been completed since the last call, up to where the file ends now. */
  lines(): AsyncGenerator<string>;
  /** What stands after the last line break; taken once. */
  rest(): string | undefined;
}

/** A reader from `offset` on. A file that is not there is empty; one that has shrunk is read from its start. */
export function createLineReader(path: string, offset = 0): LineReader {
  let position = offset;
  let begun: Buffer[] = [];
  return {
    async *lines() {
      const file = await openExisting(path);
      if (!file) return;
      try {
        const { size } = await file.stat();
        if (size < position) {
          position = 0;
          begun = [];
        }
        while (position < size) {
          const block = await readBlock(file, position, Math.min(blockSize, size - position));
          if (block.length === 0) return;
          position += block.length;
          let start = 0;
          for (let end = block.indexOf(lineBreak); end >= 0; end = block.indexOf(lineBreak, start)) {
            const line = Buffer.concat([...begun, block.subarray(start, end)]).toString('utf8');
            begun = [];
            start = end + 1;
            yield line;
          }
          if (start < block.length) begun.push(block.subarray(start));
        }
      } finally {
        await file.close();
      }
    },
    rest() {
      const text = Buffer.concat(begun).toString('utf8');
      begun = [];
      return text === '' ? undefined : text;
    },
  };
}

/** Where the last `count` lines begin, and how many there are, if the file has fewer. */
export async function findTail(
  path: string,
  count: number,
): Promise<{ readonly offset: number; readonly lines: number }> {
  const file = await openExisting(path);
  if (!file) return { offset: 0, lines: 0 };
  try {
    const { size } = await file.stat();
    if (count === 0 || size === 0) return { offset: size, lines: 0 };
    let lines = 1; // the last one, whether or not it has its line break yet
    for (let end = size - 1; end > 0;) {
      const start = Math.max(0, end - blockSize);
      const block = await readBlock(file, start, end - start);
      for (let at = block.lastIndexOf(lineBreak); at >= 0; at = at > 0 ? block.lastIndexOf(lineBreak, at - 1) : -1) {
        if (lines === count) return { offset: start + at + 1, lines };
        lines++;
      }
      end = start;
    }
    return { offset: 0, lines };
  } finally {
    await file.close();
  }
}

/** The last `count` lines of a file as it is now. */
export async function lastLines(path: string, count: number): Promise<readonly string[]> {
  const reader = createLineReader(path, (await findTail(path, count)).offset);
  const lines: string[] = [];
  for await (const line of reader.lines()) lines.push(line);
  const rest = reader.rest();
  return rest === undefined ? lines : [...lines, rest];
}

async function readBlock(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (thrown) {
    if (isSystemError(thrown) && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
}
