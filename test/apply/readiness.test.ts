import { describe, expect, it } from 'vitest';
import { afterLook, afterProbe, beginProbing, type Probing } from '../../src/apply/readiness.ts';
import type { ObservedResource } from '../../src/model/observed.ts';
import type { Wait } from '../../src/model/plan.ts';
import type { HealthCheckTiming } from '../../src/model/spec.ts';

const timing: HealthCheckTiming = {
  interval: 30_000,
  startInterval: 1_000,
  timeout: 10_000,
  retries: 3,
  startPeriod: 5_000,
  successThreshold: 1,
  onUnhealthy: 'restart',
};

/** The statuses after each of a series of checks, one a second from the start: `+` success, `-` failure, `?` neither. */
function statuses(series: string, change: Partial<HealthCheckTiming> = {}): readonly Probing['status'][] {
  const own = { ...timing, ...change };
  let state = beginProbing(own, 0);
  return [...series].map((sign, index) => {
    const result =
      sign === '+'
        ? ({ status: 'success' } as const)
        : ({ status: sign === '-' ? 'failure' : 'error', message: `check ${String(index)}` } as const);
    state = afterProbe(state, own, result, index * 1_000);
    return state.status;
  });
}

describe('a start that has to last', () => {
  const check = { ...timing, type: 'command', command: ['true'] } as const;
  const wait = { until: 'started', minReady: 0, check, target: { name: 'a' } } as unknown as Wait;
  const live = { restartPolicy: { name: 'never', maxRetries: 0 } };
  const seen = { phase: 'running', ref: 'a', name: 'a', restarts: 0, live } as unknown as ObservedResource;

  it('is met by two sights half a second apart, whatever the health', () => {
    const first = afterLook(wait, {}, seen, 5_000);
    expect(first.verdict).toMatchObject({ type: 'pause', pause: 500 });
    expect(afterLook(wait, first.state, seen, 5_500).verdict).toEqual({ type: 'met' });
  });

  it('has failed when it has ended badly, and not when it ran once and ended well', () => {
    const ended = { ...seen, phase: 'exited' } as const;
    expect(afterLook(wait, {}, { ...ended, exitCode: 127 }, 0).verdict).toMatchObject({
      type: 'failed',
      message: '`a` exited with code 127',
    });
    expect(afterLook(wait, {}, { ...ended, exitCode: 0 }, 0).verdict).toEqual({ type: 'met' });
  });
});

describe('health', () => {
  it('is there at the first success', () => {
    expect(statuses('+')).toEqual(['healthy']);
  });

  it('takes as many successes in a row as the threshold says', () => {
    expect(statuses('+-++', { successThreshold: 2 })).toEqual(['starting', 'starting', 'starting', 'healthy']);
  });

  it('is lost after as many failures in a row as there are retries', () => {
    expect(statuses('+--+---').slice(-3)).toEqual(['healthy', 'healthy', 'unhealthy']);
  });

  it('is not lost during the start period', () => {
    const series = statuses('--------');
    expect(series.indexOf('unhealthy')).toBe(7); // the failures at 5, 6 and 7 s are the first that count
  });

  it('has no more start period after the first success', () => {
    expect(statuses('+---')).toEqual(['healthy', 'healthy', 'healthy', 'unhealthy']);
    expect(statuses('+---', { successThreshold: 2 })).toEqual(['starting', 'starting', 'starting', 'unhealthy']);
  });

  it('comes back', () => {
    expect(statuses('---+', { startPeriod: 0 })).toEqual(['starting', 'starting', 'unhealthy', 'healthy']);
  });

  it('does not depend on checks that could not run', () => {
    expect(statuses('-?-?-', { startPeriod: 0 })).toEqual([
      'starting',
      'starting',
      'starting',
      'starting',
      'unhealthy',
    ]);
  });

  it('remembers what the last failure said', () => {
    const state = afterProbe(beginProbing(timing, 0), timing, { status: 'failure', message: 'refused' }, 9_000);
    expect(state).toMatchObject({ message: 'refused', failures: 1 });
  });
});

describe('what has lost its names', () => {
  const wait = { until: 'drained', minReady: 1_000, target: { name: 'a' } } as Wait;
  const seen = { phase: 'running' } as ObservedResource;

  it('is drained when its time is over', () => {
    const first = afterLook(wait, {}, seen, 5_000);
    expect(first.verdict).toMatchObject({ type: 'pause', pause: 1_000 });
    expect(afterLook(wait, first.state, seen, 5_900).verdict).toMatchObject({ type: 'pause', pause: 100 });
    expect(afterLook(wait, first.state, seen, 6_000).verdict).toEqual({ type: 'met' });
  });

  it('is drained at once when it does not run, or is gone', () => {
    expect(afterLook(wait, {}, { ...seen, phase: 'exited' }, 0).verdict).toEqual({ type: 'met' });
    expect(afterLook(wait, {}, undefined, 0).verdict).toEqual({ type: 'met' });
  });
});
