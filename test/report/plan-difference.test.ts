import { describe, expect, it } from 'vitest';
import { fieldPath } from '../../src/model/field-path.ts';
import { plan } from '../../src/plan/plan.ts';
import { describePlanDifference } from '../../src/report/plan-difference.ts';
import { agent, desire, observe, standing, type StandingParts } from '../support/planning.ts';

const memory = fieldPath('resources', 'limits', 'memory');
const old = agent('web', { limits: { memory: 100 } });

/** The messages that tell two plans apart. */
function said(approved: ReturnType<typeof plan>, now: ReturnType<typeof plan>): readonly string[] {
  return describePlanDifference(approved, now).map(({ message }) => message);
}

function planFor(image: string, parts: StandingParts = {}): ReturnType<typeof plan> {
  return plan(desire([agent('web', { image, limits: { memory: 100 } })]), observe([standing(old, parts)]));
}

describe('the difference between two plans', () => {
  it('is nothing when both do the same', () => {
    expect(said(planFor('web:2'), planFor('web:2'))).toEqual([]);
  });

  it('names what comes besides, what is left out, and what became another action', () => {
    const approved = plan(
      desire([agent('a'), agent('b'), agent('c')]),
      observe([standing(agent('c'), { phase: 'exited' })]),
    );
    const now = plan(desire([agent('b'), agent('c', { image: 'c:2' }), agent('d')]), observe([standing(agent('c'))]));
    expect(said(approved, now)).toEqual([
      '`agent/a/0` was approved to be created, and now nothing is to be done',
      '`agent/c/0` was approved to be started, and now will be replaced, because the manifest changed',
      '`agent/d/0` will be created: that was not approved',
    ]);
  });

  it('names the field that is to have another value', () => {
    expect(said(planFor('web:2'), planFor('web:3'))).toEqual([
      '`agent/web/0` will be replaced, as approved, but `image` is "web:3" instead of "web:2"',
    ]);
    const limited = (limit: number): ReturnType<typeof plan> =>
      plan(desire([agent('web', { limits: { memory: limit } })]), observe([standing(old)]));
    expect(said(limited(2 ** 20), limited(2 ** 21))).toEqual([
      '`agent/web/0` will be updated in place, as approved, but `resources.limits.memory` is 2Mi instead of 1Mi',
    ]);
  });

  it('names the field of the standing object that has moved', () => {
    const moved = planFor('web:2', { live: { [memory]: 2 ** 20 }, journaled: true });
    expect(said(planFor('web:2'), moved)).toEqual([
      '`agent/web/0` will be replaced, as approved, but `resources.limits.memory` of what stands there has become 1Mi',
    ]);
    expect(said(moved, planFor('web:2'))).toEqual([
      '`agent/web/0` will be replaced, as approved, but `resources.limits.memory` of what stands there has become what was applied again',
    ]);
  });

  it('says when what stands has only stopped', () => {
    const stopped = planFor('web:2', { phase: 'exited', exitCode: 1 });
    expect(said(planFor('web:2'), stopped)).toEqual([
      '`agent/web/0` will be replaced, as approved, but `stop agent/web/0 (generation 1)` is no step any more, what stands there has changed since',
    ]);
  });

  it('points at the manifest line of what is done now', () => {
    expect(describePlanDifference(planFor('web:2'), planFor('web:3'))).toMatchObject([
      { code: 'plan-differs', severity: 'note', address: 'agent/web/0', range: { file: 'web.agent.yaml' } },
    ]);
  });
});
