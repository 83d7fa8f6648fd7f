import { expect, test } from 'vitest';
import { FakeClock } from '../apply/fake-clock.ts';
import type { Clock } from '../../src/util/clock.ts';
import { syncLoop } from '../../src/watch/sync-loop.ts';

/** A clock whose sleeps end when the test says so. */
function heldClock(): Clock & { readonly sleeping: () => number; readonly pass: () => void } {
  let pending: (() => void)[] = [];
  return {
    now: () => 0,
    sleep: (_milliseconds, signal) =>
      new Promise((resolve, reject) => {
        pending.push(resolve);
        signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      }),
    sleeping: () => pending.length,
    pass: () => {
      const due = pending;
      pending = [];
      due.forEach((resolve) => resolve());
    },
  };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test('triggers during a run start exactly one more run, with all their reasons', async () => {
  const clock = heldClock();
  const stop = new AbortController();
  const runs: (readonly string[])[] = [];
  let finishRun: () => void = () => undefined;
  let trigger: (reason: string) => void = () => undefined;
  const loop = syncLoop({
    clock,
    debounce: 100,
    signal: stop.signal,
    triggers: [(emit) => (trigger = emit)],
    reconcile: (reasons) => {
      runs.push(reasons);
      return new Promise((resolve) => (finishRun = resolve));
    },
  });
  clock.pass();
  await settled();
  expect(runs).toEqual([['start']]);

  trigger('a changed');
  trigger('b changed');
  trigger('a changed');
  await settled();
  expect(runs).toHaveLength(1);
  finishRun();
  await settled();
  clock.pass();
  await settled();
  expect(runs).toEqual([['start'], ['a changed', 'b changed']]);

  finishRun();
  await settled();
  clock.pass();
  await settled();
  expect(runs).toHaveLength(2);
  stop.abort();
  await loop;
});

test('a trigger while debouncing starts the wait anew', async () => {
  const clock = heldClock();
  const stop = new AbortController();
  const runs: (readonly string[])[] = [];
  let trigger: (reason: string) => void = () => undefined;
  const loop = syncLoop({
    clock,
    debounce: 100,
    signal: stop.signal,
    triggers: [(emit) => (trigger = emit)],
    reconcile: async (reasons) => void runs.push(reasons),
  });
  await settled();
  trigger('a changed');
  await settled();
  expect(clock.sleeping()).toBe(2);
  expect(runs).toEqual([]);
  clock.pass();
  await settled();
  expect(runs).toEqual([['start', 'a changed']]);
  stop.abort();
  await loop;
});

test('a stop waits for the run that goes on and begins no other', async () => {
  const clock = heldClock();
  const stop = new AbortController();
  let finishRun: () => void = () => undefined;
  let trigger: (reason: string) => void = () => undefined;
  let runs = 0;
  let ended = false;
  const loop = syncLoop({
    clock,
    debounce: 100,
    signal: stop.signal,
    triggers: [(emit) => (trigger = emit)],
    reconcile: () => {
      runs++;
      return new Promise((resolve) => (finishRun = resolve));
    },
  }).then(() => (ended = true));
  clock.pass();
  await settled();
  trigger('a changed');
  stop.abort();
  await settled();
  expect(ended).toBe(false);
  finishRun();
  await loop;
  expect(runs).toBe(1);
});

test('what never calms down is run all the same after ten debounces', async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  let trigger: (reason: string) => void = () => undefined;
  let runs = 0;
  const loop = syncLoop({
    clock,
    debounce: 100,
    signal: stop.signal,
    triggers: [(emit) => (trigger = emit)],
    reconcile: async () => void runs++,
  });
  for (let turn = 0; turn < 25; turn += 1) {
    trigger(`file ${String(turn)} changed`);
    await clock.advance(90);
  }
  expect(runs).toBe(2);
  stop.abort();
  await loop;
});
