import type { Clock } from './clock.ts';

/**
 * The last `count` items of what there is already, then all that comes. What there is ends with the first item that
 * `isLive`, or when `silence` milliseconds pass without one. Without `following` it ends with the items.
 */
export async function* lastThenLive<T>(
  items: AsyncIterable<T>,
  count: number,
  following?: { readonly isLive: (item: T) => boolean; readonly clock: Clock; readonly silence: number },
): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    let last: T[] = [];
    let next = iterator.next();
    for (;;) {
      const result = following ? await within(next, following) : await next;
      if (result === undefined || result.done === true || following?.isLive(result.value) === true) break;
      last.push(result.value);
      if (last.length > 2 * count) last = last.slice(last.length - count);
      next = iterator.next();
    }
    if (count > 0) yield* last.slice(-count);
    for (let result = await next; result.done !== true; result = await iterator.next()) yield result.value;
  } finally {
    void iterator.return?.(); // not waited for: an item may be on its way, and whoever makes the items has to end that
  }
}

/** What a promise comes to, if that is soon. */
async function within<T>(
  promise: Promise<T>,
  { clock, silence }: { readonly clock: Clock; readonly silence: number },
): Promise<T | undefined> {
  const over = new AbortController();
  const late = clock.sleep(silence, over.signal).catch(() => undefined);
  try {
    return await Promise.race([promise, late.then(() => undefined)]);
  } finally {
    over.abort();
  }
}
