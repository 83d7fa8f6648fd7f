import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beginScaling, noMemory, recommendReplicas, type ScalingBounds } from '../../src/watch/autoscale/recommend.ts';
import { err, ok } from '../../src/util/result.ts';

const bounds: ScalingBounds = { min: 1, max: 100, scaleUpDelay: 0, scaleDownDelay: 300_000 };

/** Runs through proposals that come every 15 seconds; how many replicas there are after each. */
function run(start: number, proposals: readonly (number | undefined)[], within: Partial<ScalingBounds> = {}) {
  let memory = beginScaling(noMemory, start, 0);
  let current = start;
  return proposals.map((proposal, index) => {
    const asked = proposal === undefined ? err('no metric') : ok(proposal);
    const next = recommendReplicas(current, [asked], { ...bounds, ...within }, memory, index * 15_000);
    memory = next.memory;
    current = next.replicas;
    return current;
  });
}

test('more is given at once, fewer only after the whole delay in which nobody asked for as many', () => {
  expect(run(2, [4, 4])).toEqual([4, 4]);
  expect(
    run(
      4,
      Array.from({ length: 23 }, () => 2),
    ).indexOf(2),
  ).toBe(20);
});

test('a delay for more keeps to the least that was asked for within it', () => {
  expect(run(2, [5, 5, 5, 5, 5, 5], { scaleUpDelay: 60_000 })).toEqual([2, 2, 2, 2, 5, 5]);
  expect(run(2, [5, 2, 5, 5, 5, 5], { scaleUpDelay: 30_000 })).toEqual([2, 2, 2, 5, 5, 5]);
});

test('a short dip takes nothing away', () => {
  expect(run(4, [4, 1, 1, 4, 1, 1], { scaleDownDelay: 60_000 })).toEqual([4, 4, 4, 4, 4, 4]);
});

test('no more than a doubling, or four more, in 15 seconds', () => {
  expect(run(1, [100, 100, 100])).toEqual([5, 10, 20]);
  expect(run(8, [100, 100])).toEqual([16, 32]);
});

describe('bounds', () => {
  test('beyond them the number is put right without any metric', () => {
    expect(run(9, [undefined], { max: 5 })).toEqual([5]);
    expect(run(1, [undefined], { min: 3 })).toEqual([3]);
  });

  test('a load beyond them is not followed', () => {
    expect(run(2, [9], { max: 3 })).toEqual([3]);
    expect(run(2, [0], { scaleDownDelay: 0 })).toEqual([1]);
  });

  test('an agent that was set to none stays off', () => {
    expect(recommendReplicas(0, [ok(5)], bounds, noMemory, 0)).toMatchObject({ replicas: 0, reason: 'off' });
  });
});

describe('several metrics', () => {
  const recommend = (...proposals: Parameters<typeof recommendReplicas>[1]) =>
    recommendReplicas(4, proposals, { ...bounds, scaleDownDelay: 0 }, noMemory, 0).replicas;

  test('the one that asks for most wins', () => {
    expect(recommend(ok(2), ok(6))).toBe(6);
  });

  test('when one cannot be had there may be more, but not fewer', () => {
    expect(recommend(err('gone'), ok(6))).toBe(6);
    expect(recommend(err('gone'), ok(2))).toBe(4);
    expect(recommend(err('gone'), err('gone'))).toBe(4);
  });
});

test('whatever is proposed, the number stays within its bounds and what is remembered stays small', () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.nat(200), { nil: undefined }), { maxLength: 200 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 5, max: 50 }),
      (proposals, min, max) => {
        let memory = noMemory;
        let current = min;
        for (const [index, proposal] of proposals.entries()) {
          const asked = proposal === undefined ? err('no metric') : ok(proposal);
          const next = recommendReplicas(current, [asked], { ...bounds, min, max }, memory, index * 15_000);
          ({ memory, replicas: current } = next);
          expect(current).toBeGreaterThanOrEqual(min);
          expect(current).toBeLessThanOrEqual(max);
          expect(memory.recommendations.length).toBeLessThanOrEqual(22);
        }
      },
    ),
  );
});
