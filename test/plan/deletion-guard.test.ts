import { describe, expect, it } from 'vitest';
import { edgeTemplate } from '../../src/model/address.ts';
import type { ResourceTemplate } from '../../src/model/desired.ts';
import { plan, type PlanOptions } from '../../src/plan/plan.ts';
import { agent, desire, network, observe, standing } from '../support/planning.ts';

const ten = Array.from({ length: 10 }, (_, index) => agent(`a${String(index)}`));
const observed = observe(ten.map((template) => standing(template)));

/** The messages of the guard, when of ten agents only so many are declared any more. */
function saidOf(declared: readonly ResourceTemplate[], options: PlanOptions): readonly string[] {
  return plan(desire(declared), observed, options)
    .diagnostics.filter(({ code, severity }) => code === 'mass-delete' && severity === 'error')
    .map(({ message }) => message);
}

describe('the guard against mass deletion', () => {
  it('names what would have gone when more than the project allows is declared no more', () => {
    expect(saidOf(ten.slice(0, 6), { deletions: { limit: { count: 3 } } })).toEqual([
      '4 of 10 agents would be deleted, more than `maxDelete: 3` allows: `a6/0`, `a7/0`, `a8/0`, `a9/0`',
    ]);
    expect(saidOf(ten.slice(0, 7), { deletions: { limit: { count: 3 } } })).toEqual([]);
  });

  it('counts per cent of what stands', () => {
    expect(saidOf(ten.slice(0, 8), { deletions: { limit: { percent: 20 } } })).toEqual([]);
    expect(saidOf(ten.slice(0, 7), { deletions: { limit: { percent: 20 } } })).toHaveLength(1);
    expect(saidOf(ten.slice(0, 9), { deletions: { limit: { percent: 0 } } })).toHaveLength(1);
  });

  it('without a setting lets three go, and up to half', () => {
    expect(saidOf(ten.slice(0, 5), { deletions: {} })).toEqual([]);
    expect(saidOf(ten.slice(0, 4), { deletions: {} })).toEqual([expect.stringContaining('more than half')]);
    const four = observe(ten.slice(0, 4).map((template) => standing(template)));
    expect(plan(desire(ten.slice(0, 1)), four, { deletions: {} }).diagnostics).toEqual([]);
  });

  it('lets nothing go when nothing declares an agent any more, whatever the limit', () => {
    const one = observe([standing(agent('web'))]);
    const options = { deletions: { limit: { percent: 100 } } };
    expect(plan(desire([network('default')]), one, options).diagnostics).toMatchObject([{ code: 'mass-delete' }]);
  });

  it('goes on showing what would have gone', () => {
    const made = plan(desire([]), observed, { deletions: {} });
    expect(made.changes.filter(({ action }) => action === 'delete')).toHaveLength(10);
  });

  it('yields to whoever says that it is meant: no guard, or destroy', () => {
    expect(saidOf([], {})).toEqual([]);
    expect(saidOf([], { deletions: {}, destroy: { volumes: false } })).toEqual([]);
  });

  it('does not count the edge, which comes and goes with what needs it', () => {
    const edge: ResourceTemplate = { ...agent('edge'), address: edgeTemplate };
    const world = observe([...ten, edge].map((template) => standing(template)));
    const guard = { deletions: { limit: { count: 1 } } };
    expect(plan(desire(ten.slice(0, 9)), world, guard).diagnostics).toEqual([]);
    expect(plan(desire(ten.slice(0, 8)), world, guard).diagnostics).toMatchObject([
      { message: expect.stringMatching(/^2 of 10 agents would be deleted/) as string },
    ]);
  });

  it('counts replicas that a manifest takes away, but not those of an autoscaler', () => {
    const replicas = observe(Array.from({ length: 10 }, (_, index) => standing(agent('web'), { index })));
    const guard = { deletions: { limit: { count: 3 } } };
    const fixed = plan(desire([agent('web', { replicas: 2 })]), replicas, guard);
    expect(fixed.diagnostics).toMatchObject([{ code: 'mass-delete' }]);
    const scaled = agent('web', { replicas: { type: 'autoscaled', initial: 1, min: 1, max: 2 } });
    expect(plan(desire([scaled]), replicas, guard).diagnostics).toEqual([]);
  });

  it('has nothing to say of agents that were started without a file', () => {
    const run = standing(agent('adhoc'), { record: { origin: 'run' } });
    const made = plan(desire([]), observe([run]), { deletions: {} });
    expect([made.diagnostics, made.nodes]).toEqual([[], []]);
  });
});
