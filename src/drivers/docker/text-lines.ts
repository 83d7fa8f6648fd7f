import type { Readable } from 'node:stream';

/**
 * The lines of a stream of text, without their breaks; the last one also when it has none. Throws what the stream
 * fails with (which `node:readline` does not: it would wait for good), and destroys it when it is left.
 */
export async function* textLines(stream: Readable): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
