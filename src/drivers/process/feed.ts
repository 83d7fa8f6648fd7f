import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Passes the input on until it ends, the signal is aborted or the command no longer reads. */
export async function feed(
  stdin: Writable,
  input: AsyncIterable<Uint8Array> | undefined,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (input) await pipeline(Readable.from(input, { objectMode: false }), stdin, { signal });
    else stdin.end();
  } catch {
    stdin.destroy(); // it has ended first, which is its own affair
  }
}
