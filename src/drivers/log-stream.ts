import type { LogLine, LogStream } from './driver.ts';

/** A log out of its batches, to be read either way, once. */
export function logStream(batches: () => AsyncIterable<readonly LogLine[]>): LogStream {
  return {
    batches,
    async *[Symbol.asyncIterator]() {
      for await (const batch of batches()) yield* batch;
    },
  };
}

/** The last `count` items of all batches, as one batch; it holds about twice as many at a time. */
export async function* lastOf<T>(batches: AsyncIterable<readonly T[]>, count: number): AsyncGenerator<readonly T[]> {
  let last: T[] = [];
  for await (const batch of batches) {
    for (const item of batch) last.push(item);
    if (last.length > 2 * count) last = last.slice(last.length - count);
  }
  if (count > 0 && last.length > 0) yield last.slice(-count);
}
