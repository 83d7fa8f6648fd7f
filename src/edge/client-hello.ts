import { Readable } from 'node:stream';
import { EXTENSION_IDS, readTlsClientHello } from 'read-tls-client-hello';
import { err, ok, type Result } from '../util/result.ts';

/** The most a ClientHello may take; those of today take a tenth of it. */
const maxHello = 16 * 1024;

const handshake = 0x16;
const clientHello = 0x01;

/**
 * The ClientHello at the start of a TLS stream, out of however many records it was cut into: `undefined` while bytes
 * are missing. Nothing but one whole ClientHello is accepted, so that what was checked is what the server reads.
 */
export function collectHello(bytes: Buffer): Result<Buffer | undefined, string> {
  const parts: Buffer[] = [];
  let collected = 0;
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] !== handshake) return err('not a TLS handshake');
    if (bytes.length < at + 5) break;
    const length = bytes.readUInt16BE(at + 3);
    if (bytes[at + 1] !== 3 || length === 0 || length > maxHello) return err('not a TLS handshake');
    parts.push(bytes.subarray(at + 5, at + 5 + length));
    collected += Math.min(length, bytes.length - at - 5);
    const hello = Buffer.concat(parts);
    if (collected > 0 && hello[0] !== clientHello) return err('not a ClientHello');
    if (collected >= 4) {
      const whole = 4 + hello.readUIntBE(1, 3);
      if (whole > maxHello) return err('the ClientHello is too large');
      if (collected === whole) return ok(hello);
      if (collected > whole) return err('more than a ClientHello');
    }
    at += 5 + length;
  }
  return bytes.length > 2 * maxHello ? err('the ClientHello is too large') : ok(undefined);
}

/** The one server name of a ClientHello. An error where it has none, or more than one. */
export async function serverNameOf(hello: Buffer): Promise<Result<string, string>> {
  const record = Buffer.concat([Buffer.from([handshake, 3, 1, hello.length >> 8, hello.length & 0xff]), hello]);
  try {
    const { extensions } = await readTlsClientHello(Readable.from([record], { objectMode: false }));
    const names = extensions.filter(({ id }) => id === EXTENSION_IDS.sni);
    const name = names[0]?.data?.serverName;
    if (names.length > 1) return err('more than one server name');
    return typeof name === 'string' && name !== '' ? ok(name) : err('no server name (SNI)');
  } catch {
    return err('not a well-formed ClientHello');
  }
}
