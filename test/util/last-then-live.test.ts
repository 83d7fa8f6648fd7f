import { expect, test } from 'vitest';
import type { Clock } from '../../src/util/clock.ts';
import { lastThenLive } from '../../src/util/last-then-live.ts';

async function* of(...items: readonly number[]): AsyncGenerator<number> {
  yield* items;
}

async function collect(items: AsyncIterable<number>): Promise<readonly number[]> {
  const seen: number[] = [];
  for await (const item of items) seen.push(item);
  return seen;
}

const patient: Clock = { now: () => 0, sleep: () => new Promise(() => undefined) };
const hasty: Clock = { now: () => 0, sleep: async () => undefined };

test('without following it gives the last items', async () => {
  expect(await collect(lastThenLive(of(1, 2, 3, 4, 5), 2))).toEqual([4, 5]);
  expect(await collect(lastThenLive(of(1), 2))).toEqual([1]);
  expect(await collect(lastThenLive(of(1, 2), 0))).toEqual([]);
});

test('what is live comes whole after the last of what was there', async () => {
  const following = { isLive: (item: number) => item > 3, clock: patient, silence: 1 };
  expect(await collect(lastThenLive(of(1, 2, 3, 4, 5, 6), 2, following))).toEqual([2, 3, 4, 5, 6]);
});

test('silence ends what was there, too', async () => {
  let go = (): void => undefined;
  const gate = new Promise<void>((resolve) => (go = resolve));
  async function* slow(): AsyncGenerator<number> {
    yield 1;
    yield 2;
    await gate;
    yield 3;
  }
  const seen: number[] = [];
  let isPast = 0;
  const clock = { ...hasty, sleep: async () => (isPast++ < 2 ? new Promise<void>(() => undefined) : undefined) };
  for await (const item of lastThenLive(slow(), 1, { isLive: () => false, clock, silence: 1 })) {
    seen.push(item);
    go();
  }
  expect(seen).toEqual([2, 3]);
});
