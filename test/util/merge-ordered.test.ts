import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/util/clock.ts';
import { mergeOrdered, type Merged, type MergeOptions } from '../../src/util/merge-ordered.ts';

interface Item {
  readonly key?: string;
  readonly text: string;
}

/** A source that gives when it is told to. */
function gatedSource() {
  const waiting: { batch: readonly Item[] | undefined }[] = [];
  let wake: () => void = () => undefined;
  return {
    give: (...keys: readonly string[]) => {
      waiting.push({ batch: keys.map((key) => ({ key, text: key })) });
      wake();
    },
    end: () => {
      waiting.push({ batch: undefined });
      wake();
    },
    async *batches(): AsyncGenerator<readonly Item[]> {
      for (;;) {
        const next = waiting.shift();
        if (next && !next.batch) return;
        if (next?.batch) yield next.batch;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

async function* batchesOf(...batches: readonly (readonly Item[])[]): AsyncGenerator<readonly Item[]> {
  yield* batches;
}

function merge(
  sources: readonly AsyncIterable<readonly Item[]>[],
  options?: MergeOptions,
): AsyncGenerator<Merged<Item>> {
  return mergeOrdered(sources, ({ key }) => key, options);
}

async function textsOf(merged: AsyncIterable<Merged<Item>>): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const news of merged) {
    if (news.type === 'failed') texts.push(`failed ${String(news.source)}`);
    else texts.push(...news.items.map(({ text }) => text));
  }
  return texts;
}

async function nextOf(merged: AsyncGenerator<Merged<Item>>): Promise<readonly string[]> {
  const { value } = (await merged.next()) as IteratorResult<Merged<Item>, undefined>;
  return value?.type === 'items' ? value.items.map(({ text }) => text) : [];
}

describe('merging by a key', () => {
  it('orders all items of sources that are in order, however they come in batches', async () => {
    const source = fc.array(fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1 }));
    await fc.assert(
      fc.asyncProperty(fc.array(source), async (sources) => {
        const ordered = sources.map((batches) => {
          const sorted = batches.flat().sort((left, right) => left - right);
          let at = 0;
          return batches.map((batch) => sorted.slice(at, (at += batch.length)).map(itemOf));
        });
        const all = sources.flat(2).sort((left, right) => left - right);
        expect(await textsOf(merge(ordered.map((batches) => batchesOf(...batches))))).toEqual(all.map(padded));
      }),
    );
  });

  it('keeps an item without a key behind the one before it, and each source in its own order', async () => {
    const first = batchesOf(
      [{ text: 'a?' }, { key: '2', text: 'a2' }, { text: 'a2+' }],
      [{ key: '1', text: 'a1 late' }],
    );
    const second = batchesOf([
      { key: '1', text: 'b1' },
      { key: '3', text: 'b3' },
    ]);
    expect(await textsOf(merge([first, second]))).toEqual(['a?', 'b1', 'a2', 'a2+', 'a1 late', 'b3']);
  });

  it('goes on without a source that fails', async () => {
    async function* failing(): AsyncGenerator<readonly Item[]> {
      yield [itemOf(1)];
      throw new Error('gone');
    }
    expect(await textsOf(merge([failing(), batchesOf([itemOf(0), itemOf(2)])]))).toEqual([
      '00',
      '01',
      'failed 0',
      '02',
    ]);
  });

  it('does not wait again for a source that was silent', async () => {
    const [silent, chatty] = [gatedSource(), gatedSource()];
    let passes: () => void = () => undefined;
    const clock: Clock = {
      now: () => 0,
      sleep: () =>
        new Promise((resolve) => {
          passes = resolve;
        }),
    };
    const merged = merge([silent.batches(), chatty.batches()], {
      patience: { clock, milliseconds: 250 },
      leave: () => {
        silent.end();
        chatty.end();
      },
    });
    chatty.give('2');
    const held = nextOf(merged);
    await new Promise(setImmediate);
    passes();
    expect(await held).toEqual(['2']);
    chatty.give('3');
    expect(await nextOf(merged)).toEqual(['3']);
    silent.give('1');
    const other = nextOf(merged);
    await new Promise(setImmediate);
    passes(); // the other has given all along, and is silent for the first time
    expect(await other).toEqual(['1']);
    chatty.give('0');
    expect(await nextOf(merged)).toEqual(['0']);
    await merged.return(undefined);
  });

  it('holds what is there back for a source that is slower', async () => {
    const [slow, fast] = [gatedSource(), gatedSource()];
    const clock: Clock = { now: () => 0, sleep: () => new Promise(() => undefined) };
    const merged = merge([slow.batches(), fast.batches()], { patience: { clock, milliseconds: 250 } });
    fast.give('2');
    const next = nextOf(merged);
    slow.give('1', '3');
    expect(await next).toEqual(['1']);
    slow.end();
    fast.end();
    expect(await textsOf(merged)).toEqual(['2', '3']);
  });
});

function padded(number: number): string {
  return String(number).padStart(2, '0');
}

function itemOf(number: number): Item {
  return { key: padded(number), text: padded(number) };
}
