import { describe, expect, it } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import { toAgentSpec } from '../../src/model/spec.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, desire, observe, standing } from '../support/planning.ts';

describe('replicas', () => {
  it('each takes its own port of the range, and more of them leave the others alone', () => {
    const ports = { '80/tcp': '8080-8089' };
    const observed = observe([standing(agent('web', { ports }))]);
    const { nodes, changes } = plan(desire([agent('web', { ports, replicas: 3 })]), observed);
    expect(changes.map(({ action }) => action)).toEqual(['no-op', 'create', 'create']);
    const hosts = nodes.flatMap(({ step }) => (step.verb === 'create' ? [toAgentSpec(step.spec).ports] : []));
    expect(hosts.map((own) => own['80/tcp']?.host)).toEqual([8081, 8082]);
  });

  it('are listed by number', () => {
    const { changes } = plan(desire([agent('web', { replicas: 12 })]), observe([]));
    expect(changes.map(({ address }) => address)).toEqual(
      [...Array(12).keys()].map((index) => `agent/web/${String(index)}`),
    );
  });

  it('a range that is too small and a single port for several are errors at their line', () => {
    const desired = desire([
      agent('many', { ports: { '80/tcp': '8080-8081' }, replicas: 3 }),
      agent('one', { ports: { '80/tcp': 9000 }, replicas: 2 }),
      agent('free', { ports: { '80/tcp': 0 }, replicas: 4 }),
    ]);
    const { diagnostics } = plan(desired, observe([]));
    expectGolden('plan/scale/too-few-ports.txt', planText({ ...plan(desire([]), observe([])), diagnostics }));
  });

  it.each([
    [0, 2],
    [1, 2],
    [3, 3],
    [9, 5],
  ])('with autoscaling on, %i that run are kept as %i', (count, expected) => {
    const web = agent('web', { replicas: { type: 'autoscaled', initial: 1, min: 2, max: 5 } });
    const observed = observe([...Array(count).keys()].map((index) => standing(web, { index })));
    const { changes } = plan(desire([web]), observed);
    expect(changes.filter(({ action }) => action !== 'delete')).toHaveLength(expected);
  });

  describe('with autoscaling on', () => {
    const web = agent('web', { replicas: { type: 'autoscaled', initial: 2, min: 2, max: 5 } });
    const three = [0, 1, 2].map((index) => standing(web, { index }));
    const scaled = (replicas: number, because: string, objects = three) =>
      plan(desire([web]), observe(objects), { scale: new Map([[web.address, { replicas, because }]]) });

    it('more that are asked for are made, and the newest go when fewer are; the plan says of which load', () => {
      expectGolden('plan/scale/up.txt', planText(scaled(5, 'cpu 110 % of 70 %')));
      expectGolden('plan/scale/down.txt', planText(scaled(2, 'cpu 20 % of 70 %')));
    });

    it('what is asked for beyond the bounds is cut to them, which the manifest causes', () => {
      const { changes } = scaled(9, 'cpu 900 % of 70 %');
      expect(changes.slice(3).map(({ cause }) => cause)).toEqual([{ type: 'declared' }, { type: 'declared' }]);
      expect(scaled(1, 'cpu 1 % of 70 %').changes[2]).toMatchObject({ cause: { type: 'scaled-down' } });
    });

    it('a gap among those that stand is filled, asked for or not', () => {
      const gap = three.filter((_, index) => index !== 1);
      const wanted = ['no-op', 'create', 'no-op'];
      expect(plan(desire([web]), observe(gap)).changes.map(({ action }) => action)).toEqual(wanted);
      const { changes } = scaled(3, 'as many as there were', gap);
      expect(changes.map(({ action, cause }) => [action, cause.type])[1]).toEqual(['create', 'declared']);
    });
  });
});
