import { describe, expect, it } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, desire, observe, rolling, standing } from '../support/planning.ts';

const old = (rollout = rolling()) => agent('web', { image: 'web:1', rollout });
const next = (rollout = rolling()) => agent('web', { image: 'web:2', rollout });

describe('a rollout that was cut short', () => {
  it('when rolling, goes on with the new one and takes the old away once that is ready', () => {
    const observed = observe([standing(old()), standing(next(), { generation: 2, phase: 'created' })]);
    expectGolden('plan/generations/rolling.txt', planText(plan(desire([next()]), observed)));
  });

  it('waits for a new one that runs before the old goes', () => {
    const observed = observe([standing(old()), standing(next(), { generation: 2 })]);
    const { nodes } = plan(desire([next()]), observed);
    expect(nodes.map(({ id }) => id)).toEqual([
      'wait ready agent/web/0',
      'stop agent/web/0 (generation 1)',
      'remove agent/web/0 (generation 1)',
    ]);
  });

  it('when recreating, takes the old away first', () => {
    const rollout = { strategy: 'recreate' } as const;
    const observed = observe([standing(old(rollout)), standing(next(rollout), { generation: 2, phase: 'created' })]);
    const { nodes, changes } = plan(desire([next(rollout)]), observed);
    expect(changes).toMatchObject([{ action: 'replace', cause: { type: 'superseded' } }]);
    expect(nodes.find(({ id }) => id === 'start agent/web/0')?.dependsOn).toEqual([
      'remove agent/web/0 (generation 1)',
    ]);
  });

  it('is no drift: nobody has stopped the new one, which did not get ready', () => {
    const failed = standing(next(), { generation: 2, phase: 'exited', exitCode: 3 });
    expect(plan(desire([next()]), observe([standing(old()), failed])).drift).toEqual([]);
    expect(plan(desire([next()]), observe([failed])).drift).toMatchObject([{ type: 'not-running' }]);
  });

  it('goes back to the older one when that is what is asked for again', () => {
    const observed = observe([standing(old()), standing(next(), { generation: 2, phase: 'exited', exitCode: 1 })]);
    const { nodes } = plan(desire([old()]), observed);
    expect(nodes.map(({ id }) => id)).toEqual(['wait ready agent/web/0', 'remove agent/web/0 (generation 2)']);
  });

  it('and overtaken by a third version, takes both away', () => {
    const observed = observe([standing(old()), standing(next(), { generation: 2 })]);
    const third = agent('web', { image: 'web:3', rollout: rolling() });
    expectGolden('plan/generations/third.txt', planText(plan(desire([third]), observed)));
  });

  it('numbers the next object after the highest there is', () => {
    const observed = observe([standing(old(), { generation: 6 }), standing(next(), { generation: 4 })]);
    const third = agent('web', { image: 'web:3' });
    const create = plan(desire([third]), observed).nodes.find(({ step }) => step.verb === 'create');
    expect(create?.step.target.generation).toBe(7);
  });

  it('an object that is being removed is no object to keep', () => {
    const { changes, nodes } = plan(desire([next()]), observe([standing(next(), { phase: 'removing' })]));
    expect(changes).toMatchObject([{ action: 'replace', cause: { type: 'not-running', phase: 'removing' } }]);
    expect(nodes.map(({ step }) => [step.verb, step.target.generation])).toContainEqual(['create', 2]);
  });

  it('and many leftovers read the same in whatever order they are observed', () => {
    const objects = [
      standing(agent('web', { driver: 'process', image: null }), { generation: 1 }),
      standing(old(), { generation: 2 }),
      standing(next(), { generation: 3 }),
    ];
    const straight = planText(plan(desire([next()]), observe(objects)));
    expect(planText(plan(desire([next()]), observe([...objects].reverse())))).toBe(straight);
  });
});
