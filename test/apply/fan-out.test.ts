import { describe, expect, it } from 'vitest';
import { fanOut } from '../../src/apply/fan-out.ts';

describe('a signal that is fanned out', () => {
  it('aborts all of its signals, with its reason, and also those taken later', () => {
    const controller = new AbortController();
    const take = fanOut(controller.signal);
    const taken = [take(), take()];
    expect(taken.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    controller.abort('enough');
    expect([...taken, take()].map(({ signal }) => signal.reason as unknown)).toEqual(['enough', 'enough', 'enough']);
  });

  it('leaves alone what was let go of', () => {
    const controller = new AbortController();
    const own = fanOut(controller.signal)();
    own[Symbol.dispose]();
    controller.abort();
    expect(own.signal.aborted).toBe(false);
  });
});
