import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { plan } from '../../src/plan/plan.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, desire, observe, rolling, standing, tcpCheck, type AgentParts } from '../support/planning.ts';

function roll(parts: AgentParts): Plan {
  const before = agent('web', { ...parts, image: 'web:1' });
  const after = agent('web', { ...parts, image: 'web:2' });
  const replicas = typeof parts.replicas === 'number' ? parts.replicas : 1;
  const observed = observe([...Array(replicas).keys()].map((index) => standing(before, { index })));
  return plan(desire([after]), observed);
}

function dependsOn({ nodes }: Plan, id: string): readonly string[] {
  return nodes.find((node) => node.id === id)?.dependsOn ?? [];
}

function verbs({ nodes }: Plan): readonly string[] {
  return nodes.map(({ step }) => step.verb);
}

describe('rolling', () => {
  it('makes the new one ready before the old one stops, one replica after the other', () => {
    const made = roll({ rollout: rolling(), replicas: 3, check: tcpCheck, minReady: 1000 });
    expectGolden('plan/rolling/one-by-one.txt', planText(made));
  });

  it('takes as many at once as it may surge', () => {
    const made = roll({ rollout: rolling(2), replicas: 3 });
    expect(dependsOn(made, 'create agent/web/1')).toEqual([]);
    expect(dependsOn(made, 'create agent/web/2')).toEqual([
      'remove agent/web/0 (generation 1)',
      'remove agent/web/1 (generation 1)',
      'wait ready agent/web/0',
      'wait ready agent/web/1',
    ]);
  });

  it('stops as many beforehand as may be unavailable', () => {
    const made = roll({ rollout: rolling(0, 1), replicas: 2 });
    expect(dependsOn(made, 'create agent/web/0')).toEqual(['remove agent/web/0 (generation 1)']);
    expect(dependsOn(made, 'stop agent/web/1 (generation 1)')).toEqual([
      'remove agent/web/0 (generation 1)',
      'wait ready agent/web/0',
    ]);
    expect(made.changes[0]?.notes).toEqual(['downtime: stopped before the new one starts']);
  });

  it('stops the old one first where both would hold one host port', () => {
    const made = roll({ rollout: rolling(), ports: { '80/tcp': 8080 } });
    expect(dependsOn(made, 'create agent/web/0')).toEqual(['remove agent/web/0 (generation 1)']);
  });

  it('leads the names to the new one once it is ready, and away from the old one before it stops', () => {
    const made = roll({ rollout: rolling(), routes: true, replicas: 2, check: tcpCheck });
    expectGolden('plan/rolling/routed.txt', planText(made));
  });

  it('says that an old one is called by name until it stops where that cannot be helped', () => {
    const parts = { rollout: rolling(), routes: true } as const;
    const old = { ...standing(agent('web', parts)), keepsNames: true } as const;
    const made = plan(desire([agent('web', { ...parts, image: 'web:2' })]), observe([old]));
    expect(verbs(made)).toEqual(['create', 'start', 'wait', 'route', 'stop', 'remove']);
    expect(made.changes[0]?.notes).toEqual([
      'requests by name may fail while the old one stops: its network keeps no address for it',
    ]);
  });

  it('withholds no names where nobody else answers by them', () => {
    const web = agent('web', { rollout: rolling(), routes: true, replicas: 2 });
    expect(verbs(plan(desire([web]), observe([])))).not.toContain('route');
    const stopped = [0, 1].map((index) => standing(web, { index, phase: 'exited', exitCode: 1 }));
    expect(verbs(plan(desire([web]), observe(stopped)))).not.toContain('route');
  });

  it('withholds the names from replicas that join others, and takes them from those that leave', () => {
    const parts = { rollout: rolling(), routes: true } as const;
    const [two, three] = [agent('web', { ...parts, replicas: 2 }), agent('web', { ...parts, replicas: 3 })];
    const observed = observe([standing(two), standing(two, { index: 1 })]);
    expect(dependsOn(plan(desire([three]), observed), 'route agent/web/2')).toEqual(['wait ready agent/web/2']);
    const fewer = plan(desire([agent('web', parts)]), observed);
    expect(dependsOn(fewer, 'stop agent/web/1')).toEqual(['wait drained agent/web/1']);
    expect(dependsOn(fewer, 'wait drained agent/web/1')).toEqual(['unroute agent/web/1']);
    expect(verbs(plan(desire([]), observed))).not.toContain('unroute');
  });

  it('that was cut off before the names were led to the new one needs no more than that', () => {
    const parts = { rollout: rolling(), routes: true, check: tcpCheck } as const;
    const [before, after] = [agent('web', { ...parts, image: 'web:1' }), agent('web', { ...parts, image: 'web:2' })];
    const ready = standing(after, { generation: 2, routed: false });
    const resumed = plan(desire([after]), observe([standing(before), ready]));
    expectGolden('plan/rolling/resumed.txt', planText(resumed));
    const alone = plan(desire([after]), observe([ready]));
    expect(alone.nodes.map(({ id }) => id)).toEqual(['wait ready agent/web/0', 'route agent/web/0']);
    expect(alone.changes).toMatchObject([{ action: 'update', cause: { type: 'unrouted' }, fields: [] }]);
  });

  it('a dependent waits for all of the new replicas', () => {
    const before = agent('db', { rollout: rolling(), replicas: 2 });
    const after = agent('db', { rollout: rolling(), replicas: 2, image: 'db:2' });
    const web = agent('web', { dependsOn: [['db', 'ready']] });
    const observed = observe([standing(before), standing(before, { index: 1 })]);
    expect(dependsOn(plan(desire([after, web]), observed), 'start agent/web/0')).toEqual([
      'create agent/web/0',
      'wait ready agent/db/0',
      'wait ready agent/db/1',
    ]);
  });
});
