import { describe, expect, test } from 'vitest';
import type { RestartPolicySpec } from '../../src/model/spec.ts';
import type { Supervision } from '../../src/model/supervision.ts';
import {
  afterLook,
  afterRecovery,
  afterRefusal,
  afterUnhealthy,
  beginRestart,
  beginSupervision,
  restartDue,
  type PolicyContext,
  type Seen,
} from '../../src/watch/restart-policy.ts';

const birth = Date.UTC(2026, 0, 1);
const at = (now: number, policy: RestartPolicySpec, random = 0.5): PolicyContext => ({
  policy,
  now,
  random: () => random,
});
const always: RestartPolicySpec = { name: 'always', maxRetries: 0 };
const onFailure = (maxRetries = 0): RestartPolicySpec => ({ name: 'on-failure', maxRetries });
const never: RestartPolicySpec = { name: 'never', maxRetries: 0 };

const lifeOf = (time: number): string => new Date(time).toISOString();
const ended = (life: string, exitCode: number, asked = false): Seen => ({ type: 'ended', life, exitCode, asked });
const fresh = (): Supervision => beginSupervision('ref', lifeOf(birth));

/** Lets it crash `lived` milliseconds after each start, and restarts it when that is due; the delays there were. */
function crash(times: number, policy: RestartPolicySpec, lived: number): { delays: number[]; end: Supervision } {
  let supervision = fresh();
  let now = birth;
  const delays: number[] = [];
  for (let time = 0; time < times; time++) {
    now += lived;
    supervision = afterLook(supervision, ended(supervision.life, 1), at(now, policy));
    const due = restartDue(supervision);
    if (due === undefined) break;
    delays.push(due - now);
    now = due;
    supervision = afterLook(beginRestart(supervision), { type: 'running', life: lifeOf(now) }, at(now, policy));
  }
  return { delays, end: supervision };
}

describe('what follows an end', () => {
  test.each([
    ['always restarts a failure', always, 1, 'waiting'],
    ['always restarts a success', always, 0, 'waiting'],
    ['on-failure restarts a failure', onFailure(), 1, 'waiting'],
    ['on-failure leaves a success', onFailure(), 0, 'done'],
    ['never leaves a failure', never, 1, 'done'],
    ['never leaves a success', never, 0, 'done'],
  ] as const)('%s', (_name, policy, exitCode, type) => {
    expect(afterLook(fresh(), ended(lifeOf(birth), exitCode), at(birth + 50, policy)).state.type).toBe(type);
  });

  test.each([always, onFailure(), never])('the end that aac asked for never counts (%o)', (policy) => {
    const stopped = afterLook(fresh(), ended(lifeOf(birth), 143, true), at(birth + 50, policy));
    expect(stopped).toMatchObject({ state: { type: 'stopped' }, failures: [], streak: 0 });
    expect(restartDue(stopped)).toBeUndefined();
  });

  test('one end is counted once, however often it is seen', () => {
    const once = afterLook(fresh(), ended(lifeOf(birth), 1), at(birth + 50, always));
    expect(afterLook(once, ended(lifeOf(birth), 1), at(birth + 900, always))).toBe(once);
  });
});

describe('the delay', () => {
  test('doubles from one second to a minute', () => {
    expect(crash(9, always, 50).delays).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000));
  });

  test('varies by a tenth either way', () => {
    const delay = (random: number): number =>
      (restartDue(afterLook(fresh(), ended(lifeOf(birth), 1), at(birth, always, random))) ?? 0) - birth;
    expect([delay(0), delay(0.5), delay(1)]).toEqual([900, 1_000, 1_100]);
  });

  test('starts anew after ten seconds of running, and after twice a longer delay', () => {
    expect(crash(4, always, 9_999).delays).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(crash(6, always, 10_000).delays).toEqual([1_000, 1_000, 1_000, 1_000, 1_000, 1_000]);
    // five quick crashes lead to a delay of 16 s: after it, 20 s are not enough, and 32 s are
    const { end } = crash(5, always, 50);
    const after = (lived: number): Supervision => {
      const now = Date.parse(end.life) + lived;
      return afterLook(end, ended(end.life, 1), at(now, always));
    };
    expect(after(20_000).streak).toBe(6);
    expect(after(32_000).streak).toBe(1);
  });
});

describe('giving up', () => {
  test('comes with the tenth failure within ten minutes', () => {
    const { delays, end } = crash(20, onFailure(), 50);
    expect(delays).toHaveLength(9);
    expect(end.state).toEqual({
      type: 'failed',
      because: 'exited with code 1; given up after 10 failures in 10 minutes',
    });
    expect(end.restarts).toBe(9);
  });

  test('never comes with always, nor while failures are far apart', () => {
    expect(crash(40, always, 50).end.state.type).toBe('running');
    expect(crash(40, onFailure(), 70_000).end.state.type).toBe('running');
  });

  test('comes when maxRetries restarts in a row did not help', () => {
    const { delays, end } = crash(20, onFailure(3), 50);
    expect(delays).toHaveLength(3);
    expect(end.state).toMatchObject({ type: 'failed', because: 'exited with code 1; given up after 3 restarts' });
  });

  test('is forgotten when somebody else starts it', () => {
    const { end } = crash(20, onFailure(), 50);
    const started = afterLook(end, { type: 'running', life: lifeOf(birth + 1e9) }, at(birth + 1e9, onFailure()));
    expect(started).toMatchObject({ state: { type: 'running' }, streak: 0, failures: [], restarts: 9 });
  });
});

describe('a restart', () => {
  test('that a killed supervisor had begun is due at once, and counted when its new life is seen', () => {
    const begun = beginRestart(afterLook(fresh(), ended(lifeOf(birth), 1), at(birth, always)));
    const found = afterLook(begun, ended(lifeOf(birth), 1), at(birth + 5_000, always));
    expect(restartDue(found)).toBe(0);
    const born = lifeOf(birth + 4_000);
    expect(afterLook(begun, { type: 'running', life: born }, at(birth + 5_000, always))).toMatchObject({
      restarts: 1,
      state: { type: 'running' },
    });
  });

  test('whose process has ended before anybody looked is counted, and so is its failure', () => {
    const begun = beginRestart(afterLook(fresh(), ended(lifeOf(birth), 1), at(birth, always)));
    const again = afterLook(begun, ended(lifeOf(birth + 1_000), 1), at(birth + 1_100, always));
    expect(again).toMatchObject({ restarts: 1, streak: 2, state: { type: 'waiting' } });
  });

  test('that is refused waits longer, unless it was only not the time for it', () => {
    const begun = beginRestart(afterLook(fresh(), ended(lifeOf(birth), 1), at(birth, always)));
    const context = at(birth + 1_000, always);
    expect(afterRefusal(begun, { message: 'no such command', counts: true }, context)).toMatchObject({
      state: { type: 'waiting', until: birth + 3_000, because: 'no such command' },
      failures: [birth, birth + 1_000],
    });
    expect(afterRefusal(begun, { message: 'in use', counts: false }, context)).toMatchObject({
      state: { type: 'waiting', until: birth + 2_000 },
      failures: [birth],
    });
  });
});

describe('an unhealthy agent', () => {
  test('waits like a crashed one, and is left alone when it recovers in time', () => {
    const waiting = afterUnhealthy(fresh(), 'nothing listens', at(birth + 50, always));
    expect(waiting.state).toEqual({ type: 'waiting', until: birth + 1_050, because: 'unhealthy: nothing listens' });
    expect(afterRecovery(waiting)).toMatchObject({ state: { type: 'running' }, failures: [birth + 50] });
  });

  test('is not restarted when its policy is never', () => {
    expect(afterUnhealthy(fresh(), 'no', at(birth, never)).state.type).toBe('running');
  });
});
