import type { Clock } from './clock.ts';
import { compareCodeUnits } from './compare.ts';

/** Items that follow each other in one source, by its index, or why it gives no more. */
export type Merged<T> =
  | { readonly type: 'items'; readonly source: number; readonly items: readonly T[] }
  | { readonly type: 'failed'; readonly source: number; readonly error: unknown };

/** What a merge may be given. */
export interface MergeOptions {
  /**
   * How long the order is waited for: a source that has given nothing for so many milliseconds has no more of the past
   * to give, and is not waited for any more.
   */
  readonly patience?: { readonly clock: Clock; readonly milliseconds: number };
  /** Called when nobody takes any more, to end the sources that wait for something. */
  readonly leave?: () => void;
}

/** A source with what it has given and nobody has taken. */
interface Reader<T> {
  readonly index: number;
  readonly iterator: AsyncIterator<readonly T[]>;
  items: readonly T[];
  next: number;
  /** The key of the item at `next`, or of the last before it that has one. */
  key: string;
  state: 'asked' | 'given' | 'ended';
  isLive: boolean;
  failure?: { readonly error: unknown };
}

/**
 * Merges sources that are ordered by a key, compared by code unit, each source in its own order. An item without a key
 * goes with the one before it. Each source is read a batch ahead, and one that fails is left out from there on.
 *
 * Without `patience` no item is given before every source has given or ended. With it a source may be silent:
 *
 *     of the past, waited for ──silent for so long──▶ live, what it gives is passed on as it comes
 */
export async function* mergeOrdered<T>(
  sources: readonly AsyncIterable<readonly T[]>[],
  keyOf: (item: T) => string | undefined,
  { patience, leave }: MergeOptions = {},
): AsyncGenerator<Merged<T>> {
  let wake = (): void => undefined;
  const readers = sources.map((source, index): Reader<T> => {
    const iterator = source[Symbol.asyncIterator]();
    return { index, iterator, items: [], next: 0, key: '', state: 'asked', isLive: false };
  });
  const ask = (reader: Reader<T>): void => {
    reader.state = 'asked';
    void reader.iterator
      .next()
      .then(
        ({ done, value }) => {
          if (done === true) reader.state = 'ended';
          else give(reader, value, keyOf);
        },
        (error: unknown) => Object.assign(reader, { state: 'ended', failure: { error } }),
      )
      .then(() => {
        wake();
      });
  };
  const change = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  try {
    readers.forEach(ask);
    for (;;) {
      for (const reader of readers) {
        if (!reader.failure) continue;
        const { error } = reader.failure;
        delete reader.failure;
        yield { type: 'failed', source: reader.index, error };
      }
      const given = readers.filter(({ state }) => state === 'given');
      const awaited = readers.filter(({ state, isLive }) => state === 'asked' && !isLive);
      const reader = first(given);
      if (!reader) {
        if (readers.every(({ state }) => state === 'ended')) return;
        await change();
      } else if (awaited.length > 0) {
        if (patience) await changeOrSilence(change(), awaited, patience);
        else await change();
      } else {
        const items = takeRun(reader, given, keyOf);
        if (reader.next === reader.items.length) ask(reader);
        yield { type: 'items', source: reader.index, items };
      }
    }
  } finally {
    leave?.();
    await Promise.allSettled(readers.map(async ({ iterator }) => iterator.return?.()));
  }
}

function give<T>(reader: Reader<T>, items: readonly T[], keyOf: (item: T) => string | undefined): void {
  const [item] = items;
  reader.items = items;
  reader.next = 0;
  reader.state = 'given';
  if (item !== undefined) reader.key = keyOf(item) ?? reader.key;
}

/** The one whose next item comes first. */
function first<T>(given: readonly Reader<T>[]): Reader<T> | undefined {
  const [some, ...others] = given;
  if (!some) return undefined;
  return others.reduce((best, other) => (compareCodeUnits(other.key, best.key) < 0 ? other : best), some);
}

/** The items of a reader that come before those of all others. */
function takeRun<T>(
  reader: Reader<T>,
  given: readonly Reader<T>[],
  keyOf: (item: T) => string | undefined,
): readonly T[] {
  const from = reader.next;
  const rival = first(given.filter((other) => other !== reader));
  if (!rival) reader.next = reader.items.length;
  while (reader.next < reader.items.length && first([reader, rival ?? reader]) === reader) {
    reader.next += 1;
    const item = reader.items[reader.next];
    if (item !== undefined) reader.key = keyOf(item) ?? reader.key;
  }
  return from === 0 && reader.next === reader.items.length ? reader.items : reader.items.slice(from, reader.next);
}

/** Waits for any change, or until those that are awaited have been silent long enough, which makes them live. */
async function changeOrSilence<T>(
  change: Promise<void>,
  awaited: readonly Reader<T>[],
  { clock, milliseconds }: NonNullable<MergeOptions['patience']>,
): Promise<void> {
  const over = new AbortController();
  const silence = clock.sleep(milliseconds, over.signal).then(
    () => true,
    () => false,
  );
  const isSilent = await Promise.race([silence, change.then(() => false)]);
  over.abort();
  if (isSilent) for (const reader of awaited) reader.isLive = true;
}
