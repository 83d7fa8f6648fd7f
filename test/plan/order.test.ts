import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { agentTemplate } from '../../src/model/address.ts';
import { plan } from '../../src/plan/plan.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, desire, observe, rolling, standing, type AgentParts } from '../support/planning.ts';

function dependsOn({ nodes }: Plan, id: string): readonly string[] {
  return nodes.find((node) => node.id === id)?.dependsOn ?? [];
}

describe('the order of agents', () => {
  it('up is by what the manifests say, down by what was recorded', () => {
    const observed = observe([
      standing(agent('db', { image: 'db:1' })),
      standing(agent('web', { image: 'web:1', dependsOn: [['db', 'ready']] })),
    ]);
    const desired = desire([
      agent('db', { image: 'db:2', dependsOn: [['web', 'ready']] }),
      agent('web', { image: 'web:2' }),
    ]);
    expectGolden('plan/order/turned-round.txt', planText(plan(desired, observed)));
  });

  it('an agent whose dependency is replaced is not touched itself', () => {
    const web = agent('web', { dependsOn: [['db', 'ready']] });
    const observed = observe([standing(agent('db')), standing(web)]);
    const { nodes } = plan(desire([agent('db', { image: 'db:2' }), web]), observed);
    expect(nodes.every(({ step }) => step.address === 'agent/db/0')).toBe(true);
  });

  it('a rolling agent on a recreated one is replaced after it, and no circle comes of it', () => {
    const web = (image: string) => agent('web', { image, rollout: rolling(), dependsOn: [['db', 'ready']] });
    const observed = observe([standing(agent('db')), standing(web('web:1'))]);
    const made = plan(desire([agent('db', { image: 'db:2' }), web('web:2')]), observed);
    expect(dependsOn(made, 'start agent/web/0')).toContain('wait ready agent/db/0');
    expect(dependsOn(made, 'stop agent/db/0 (generation 1)')).toEqual([]);
  });

  it('recorded dependencies in a circle still come down', () => {
    const a = standing(agent('a'), { record: { dependsOn: [agentTemplate('b')] } });
    const b = standing(agent('b'), { record: { dependsOn: [agentTemplate('a')] } });
    expect(plan(desire([]), observe([a, b])).nodes).toHaveLength(4);
  });

  it('dependencies that are desired in a circle are an error that names every edge', () => {
    const desired = desire([
      agent('a', { dependsOn: [['b', 'ready']] }),
      agent('b', { dependsOn: [['c', 'ready']] }),
      agent('c', { dependsOn: [['a', 'ready']] }),
      agent('d', { dependsOn: [['d', 'started']] }),
    ]);
    const { diagnostics } = plan(desired, observe([]));
    expectGolden('plan/order/cycle.txt', planText({ ...plan(desire([]), observe([])), diagnostics }));
  });

  it('what waits for a one-shot waits for its end, also for one that has been running', () => {
    const job = agent('job', { restart: 'never' });
    const web = agent('web', { dependsOn: [['job', 'completed']] });
    const fresh = plan(desire([job, web]), observe([]));
    expect(dependsOn(fresh, 'start agent/web/0')).toEqual(['create agent/web/0', 'wait completed agent/job/0']);
    const running = plan(desire([job, web]), observe([standing(job)]));
    expect(dependsOn(running, 'start agent/web/0')).toEqual(['create agent/web/0', 'wait completed agent/job/0']);
    expect(running.nodes.find(({ id }) => id === 'wait completed agent/job/0')?.precondition).toBeUndefined();
    const done = plan(desire([job, web]), observe([standing(job, { phase: 'exited', exitCode: 0 })]));
    expect(dependsOn(done, 'start agent/web/0')).toEqual(['create agent/web/0']);
  });

  it('a port that changes hands is free before it is taken', () => {
    const observed = observe([
      standing(agent('a', { ports: { '80/tcp': 8080 } })),
      standing(agent('b', { ports: { '80/tcp': 8081 } })),
    ]);
    const desired = desire([agent('a', { ports: { '80/tcp': 8081 } }), agent('b', { ports: { '80/tcp': 8080 } })]);
    const made = plan(desired, observed);
    expect(dependsOn(made, 'start agent/a/0')).toContain('stop agent/b/0 (generation 1)');
    expect(dependsOn(made, 'start agent/b/0')).toContain('stop agent/a/0 (generation 1)');
    expect(made.diagnostics).toEqual([]);
  });

  it('an agent gives its port up before anything else, though it rolls and waits for the one that takes it', () => {
    const web = (parts: AgentParts) => agent('web', { rollout: rolling(), ...parts });
    const observed = observe([standing(web({ ports: { '80/tcp': 8080 } }))]);
    const desired = desire([web({ dependsOn: [['edge', 'ready']] }), agent('edge', { ports: { '80/tcp': 8080 } })]);
    const made = plan(desired, observed);
    expect(dependsOn(made, 'start agent/edge/0')).toContain('stop agent/web/0 (generation 1)');
    expect(dependsOn(made, 'start agent/web/0')).toContain('wait ready agent/edge/0');
    expect(made.changes.find(({ address }) => address === 'agent/web/0')?.notes).toEqual([
      'downtime: stopped before the new one starts',
    ]);
  });

  it('replicas whose ports move along by one all stop before the first starts', () => {
    const web = (ports: string) => agent('web', { rollout: rolling(), replicas: 2, ports: { '80/tcp': ports } });
    const observed = observe([0, 1].map((index) => standing(web('8080-8081'), { index })));
    const made = plan(desire([web('8081-8082')]), observed);
    expect(dependsOn(made, 'start agent/web/0')).toContain('stop agent/web/1 (generation 1)');
    expect(dependsOn(made, 'stop agent/web/1 (generation 1)')).toEqual([]);
  });

  it('an update comes before a wait that may see the object change', () => {
    const job = (memory: number) => agent('job', { restart: 'never', limits: { memory } });
    const web = agent('web', { dependsOn: [['job', 'completed']] });
    const made = plan(desire([job(2), web]), observe([standing(job(1))]));
    expect(dependsOn(made, 'wait completed agent/job/0')).toEqual(['update agent/job/0']);
  });
});
