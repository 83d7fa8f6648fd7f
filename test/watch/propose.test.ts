import { describe, expect, test } from 'vitest';
import { proposeReplicas, type ReplicaSample, type UtilizationTarget } from '../../src/watch/autoscale/propose.ts';

const now = 1_000_000_000;
const cpu: UtilizationTarget = { resource: 'cpu', percent: 70, request: 1000 };

/** A replica that has long been ready and uses so many percent of its request. */
function at(percent: number, parts: Partial<ReplicaSample> = {}): ReplicaSample {
  const long = now - 60 * 60_000;
  return {
    running: true,
    ready: true,
    startedAt: long,
    readyChangedAt: long + 1000,
    usage: { value: percent * 10, at: now - 1000, window: 10_000 },
    ...parts,
  };
}

function without(sample: ReplicaSample): ReplicaSample {
  const { usage: _usage, ...rest } = sample;
  return rest;
}

function times(count: number, sample: ReplicaSample): readonly ReplicaSample[] {
  return Array.from({ length: count }, () => sample);
}

function proposed(samples: readonly ReplicaSample[], target = cpu, current = samples.length): number | string {
  const result = proposeReplicas(samples, target, current, now);
  return result.ok ? result.value.replicas : result.error;
}

describe('all replicas measured', () => {
  test.each([
    ['exactly a tenth over the target is within the tolerance', 3, 77, 70, 3],
    ['utilization counts in whole percent', 3, 77.9, 70, 3],
    ['one percent more is not', 3, 78, 70, 4],
    ['exactly a tenth below is within the tolerance too', 3, 63, 70, 3],
    ['many replicas grow by their share', 50, 90, 75, 60],
    ['and shrink by it, never below what the load needs', 10, 30, 70, 5],
    ['twice the target is twice the replicas', 2, 140, 70, 4],
    ['nothing used asks for none', 3, 0, 70, 0],
  ])('%s', (_name, count, percent, target, wanted) => {
    expect(proposed(times(count, at(percent)), { ...cpu, percent: target })).toBe(wanted);
  });

  test('what is asked for counts for the measured ones alone, not for the number declared', () => {
    expect(proposed(times(3, at(140)), cpu, 5)).toBe(6);
  });
});

describe('some not measured', () => {
  test('when there is little load they count as fully used, so that less is taken away', () => {
    expect(proposed([...times(3, at(30)), without(at(0))])).toBe(3);
  });

  test('above a target of over a hundred percent they count as at the target', () => {
    expect(proposed([...times(3, at(60)), without(at(0))], { ...cpu, percent: 200 })).toBe(2);
  });

  test('when there is much load they count as unused', () => {
    expect(proposed([...times(2, at(140)), without(at(0))])).toBe(4);
    expect(proposed([at(80), without(at(0))])).toBe(2); // that turns it round: 40 %
  });

  test('none at all measured is an error, and so is no request', () => {
    expect(proposed([without(at(0))])).toBe('cpu of no replica is known');
    expect(proposed([at(50)], { resource: 'memory', percent: 70 })).toBe('`resources.requests.memory` is missing');
  });
});

describe('some not ready', () => {
  const starting = at(0, { ready: false, startedAt: now - 20_000, readyChangedAt: now - 20_000 });

  test('they count as unused when there is much load, so that they are waited for', () => {
    expect(proposed([...times(2, at(140)), starting, starting])).toBe(4);
  });

  test('they are left out when there is little load', () => {
    expect(proposed([...times(2, at(35)), starting, starting])).toBe(1);
  });

  test('one that is not running yet is waited for too, by memory as well', () => {
    const made = without(at(0, { running: false, ready: false }));
    expect(proposed([...times(2, at(140)), made, made], { ...cpu, resource: 'memory' })).toBe(4);
  });

  test('memory of a replica that is not ready counts', () => {
    const heavy = at(140, { ready: false, startedAt: now - 20_000, readyChangedAt: now - 20_000 });
    expect(proposed([at(140), heavy], { ...cpu, resource: 'memory' })).toBe(4);
  });

  test('cpu from before a young replica was ready does not count, cpu from after that does', () => {
    const young = (age: number): ReplicaSample => at(140, { startedAt: now - 60_000, readyChangedAt: now - age });
    expect(proposed([at(140), young(5_000)])).toBe(2);
    expect(proposed([at(140), young(30_000)])).toBe(4);
  });

  test('after five minutes one that has never been ready does not count, one that was ready does', () => {
    const old = (changed: number): ReplicaSample =>
      at(140, { ready: false, startedAt: now - 600_000, readyChangedAt: now - 600_000 + changed });
    expect(proposed([at(140), old(1_000)])).toBe(2);
    expect(proposed([at(140), old(400_000)])).toBe(4);
  });

  test('cpu of a replica whose start or readiness nobody knows does not count', () => {
    const { startedAt: _startedAt, ...unknown } = at(140);
    expect(proposed([at(140), unknown])).toBe(2);
  });
});
