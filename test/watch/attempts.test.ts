import { expect, test } from 'vitest';
import type { ApplyReport, DriverError } from '../../src/model/outcome.ts';
import type { Change } from '../../src/model/plan.ts';
import { plan } from '../../src/plan/plan.ts';
import { createAttempts } from '../../src/watch/attempts.ts';
import { agent, desire, observe, standing } from '../support/planning.ts';

const making = plan(desire([agent('web')]), observe([]));
const starting = plan(desire([agent('web')]), observe([standing(agent('web'), { phase: 'created' })]));

/** The end of an apply in which everything of `web` failed so, or went well. */
function ended(error?: Pick<DriverError, 'code' | 'retry'>): ApplyReport {
  return {
    status: error ? 'failed' : 'succeeded',
    plan: making,
    nodes: making.nodes.map((node) => ({
      node,
      outcome: error
        ? { status: 'failed', elapsed: 0, attempts: 1, error: { ...error, message: 'refused' } }
        : { status: 'succeeded', elapsed: 0, attempts: 1 },
    })),
    startedAt: 0,
    elapsed: 0,
  };
}

function stage() {
  let now = 0;
  const attempts = createAttempts(
    () => now,
    () => 0.5,
  );
  return {
    attempts,
    pass: (milliseconds: number) => (now += milliseconds),
    fail: (error: Pick<DriverError, 'code' | 'retry'>, revision = 'a') => attempts.settle(ended(error), () => revision),
    holds: (revision = 'a', changes: readonly Change[] = making.changes) => attempts.holds('web', revision, changes),
  };
}

const transient = { code: 'unreachable', retry: 'transient' } as const;
const terminal = { code: 'invalid', retry: 'terminal' } as const;

test('what may go well a moment later is tried again after 1 s, 2 s, 4 s', () => {
  const { attempts, pass, fail, holds } = stage();
  for (const pause of [1_000, 2_000, 4_000]) {
    fail(transient);
    expect(holds()).toMatchObject({ message: 'refused' });
    pass(pause - 1);
    expect(holds()).toBeDefined();
    pass(1);
    expect(holds()).toBeUndefined();
  }
  expect(attempts.nextAt()).toBeUndefined(); // it is due
});

test('a changed manifest is tried at once, and begins a new row', () => {
  const { fail, holds, attempts } = stage();
  fail(transient);
  fail(transient);
  expect(holds('b')).toBeUndefined();
  fail(transient, 'b');
  expect(attempts.nextAt()).toBe(1_000);
});

test('a terminal error waits for a change, however long that takes', () => {
  const { fail, holds, pass, attempts } = stage();
  fail(terminal);
  expect(holds()).toEqual({ message: 'refused' });
  pass(86_400_000);
  expect(holds()).toEqual({ message: 'refused' });
  expect(attempts.nextAt()).toBeUndefined();
  expect(holds('b')).toBeUndefined();
});

test('after a terminal error a change of the world is worth another try, after the pause', () => {
  const { fail, holds, pass } = stage();
  fail(terminal);
  holds();
  expect(holds('a', starting.changes)).toMatchObject({ until: 1_000 });
  pass(1_000);
  expect(holds('a', starting.changes)).toBeUndefined();
});

test('what went well is forgotten, and a person can have everything tried at once', () => {
  const { attempts, fail, holds } = stage();
  fail(terminal);
  attempts.settle(ended(), () => 'a');
  expect(holds()).toBeUndefined();
  fail(terminal);
  attempts.forget();
  expect(holds()).toBeUndefined();
});
