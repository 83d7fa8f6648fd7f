import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { linkedSignal } from '../../src/util/linked-signal.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('it is aborted with its parent, for the same reason, also where that has been already', () => {
  const parent = new AbortController();
  using before = linkedSignal(parent.signal, 1_000);
  parent.abort(new Error('enough'));
  using after = linkedSignal(parent.signal);
  for (const linked of [before, after]) {
    expect(linked.signal.reason).toEqual(new Error('enough'));
    expect(linked.isPast()).toBe(false);
  }
});

test('it is aborted at its deadline, and its parent is not', () => {
  const parent = new AbortController();
  using linked = linkedSignal(parent.signal, 1_000);
  vi.advanceTimersByTime(999);
  expect(linked.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(linked.signal.reason).toMatchObject({ name: 'TimeoutError' });
  expect(linked.isPast()).toBe(true);
  expect(parent.signal.aborted).toBe(false);
});

test('disposed of, it leaves neither a listener nor a timer', () => {
  const parent = new AbortController();
  linkedSignal(parent.signal, 1_000)[Symbol.dispose]();
  expect(getEventListeners(parent.signal, 'abort')).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
