import { describe, expect, it } from 'vitest';
import { isEmptyPlan } from '../../src/model/plan.ts';
import { fieldPath } from '../../src/model/field-path.ts';
import { plan } from '../../src/plan/plan.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, at, desire, network, observe, standing, tcpCheck, volume } from '../support/planning.ts';

const shared = [network('default'), volume('cache')];
const api = agent('api', { network: 'default', check: tcpCheck, minReady: 2000 });
const web = agent('web', {
  network: 'default',
  ports: { '8080/tcp': 8080, '9090/udp': { host: 9090, hostIp: '127.0.0.1' }, '7070/tcp': 0 },
  volumes: { '/cache': { type: 'volume', source: 'cache', readOnly: false } },
  dependsOn: [['api', 'ready']],
  replicas: 1,
});

describe('bringing up', () => {
  it('a workspace that has nothing comes up in the order of its dependencies', () => {
    const desired = desire([web, api, ...shared]);
    const observed = observe([], { images: new Map([['web:1', null]]) });
    expectGolden('plan/create/from-nothing.txt', planText(plan(desired, observed)));
  });

  it('what is as it was asked for needs nothing', () => {
    const templates = [...shared, api, web];
    const made = plan(desire(templates), observe(templates.map((template) => standing(template))));
    expect(isEmptyPlan(made)).toBe(true);
    expect(made.drift).toEqual([]);
    expectGolden('plan/create/nothing-to-do.txt', planText(made));
  });

  it('an agent that depends on what only has to exist or to start does not wait for it to be ready', () => {
    const desired = desire([
      agent('web', {
        dependsOn: [
          ['api', 'started'],
          ['db', 'exists'],
        ],
      }),
      agent('api', { check: tcpCheck, minReady: 2_000 }),
      agent('db'),
    ]);
    const { nodes } = plan(desired, observe([]));
    const start = nodes.find(({ id }) => id === 'start agent/web/0');
    expect(start?.dependsOn).toEqual(['create agent/db/0', 'create agent/web/0', 'wait started agent/api/0']);
    const wait = nodes.find(({ id }) => id === 'wait started agent/api/0');
    expect(wait).toMatchObject({ dependsOn: ['start agent/api/0'], step: { until: 'started', minReady: 0 } });
    expect(wait?.step).not.toHaveProperty('check');
  });

  it('started and ready are one wait where ready asks for nothing more', () => {
    const desired = desire([agent('web', { dependsOn: [['api', 'started']] }), agent('api')]);
    const { nodes } = plan(desired, observe([]));
    const start = nodes.find(({ id }) => id === 'start agent/web/0');
    expect(start?.dependsOn).toEqual(['create agent/web/0', 'wait ready agent/api/0']);
    expect(nodes.some(({ id }) => id.startsWith('wait started'))).toBe(false);
  });

  it('nobody waits for a start to last whom nobody depends on', () => {
    const { nodes } = plan(desire([api, ...shared]), observe([]));
    expect(nodes.some(({ id }) => id.startsWith('wait started'))).toBe(false);
  });

  it('the deadline of a wait can be set for the whole plan', () => {
    const { nodes } = plan(desire([api]), observe([]), { waitTimeout: 5000 });
    const wait = nodes.find(({ id }) => id === 'wait ready agent/api/0')?.step;
    expect(wait).toMatchObject({ check: tcpCheck, minReady: 2000, deadline: 5000 });
  });

  it('what the journal says was there is missing, not new, and the steps are the same', () => {
    const desired = desire([agent('web')]);
    const known = plan(desired, observe([]), { applied: new Set([at('agent/web/0')]) });
    expect(known.changes[0]?.cause).toEqual({ type: 'missing' });
    expect(known.drift).toEqual([{ address: 'agent/web/0', driver: 'docker', type: 'missing', fields: [] }]);
    expect(known.digest).toBe(plan(desired, observe([])).digest);
  });

  it('an agent whose image is absent is created after one pull, which all share', () => {
    const images = new Map([['web:1', null]]);
    const { nodes } = plan(desire([agent('a'), agent('b')]), observe([], { images }));
    expect(nodes.filter(({ step }) => step.verb === 'pull').map(({ id, step }) => [id, step.address])).toEqual([
      ['pull web:1', 'agent/a/0'],
    ]);
    for (const name of ['a', 'b']) {
      expect(nodes.find(({ id }) => id === `create agent/${name}/0`)?.dependsOn).toEqual(['pull web:1']);
    }
  });

  it('the policy Always pulls whenever something is created, and only then', () => {
    const images = new Map([['web:1', 'id of web:1']]);
    const web = agent('web', { pullPolicy: 'Always' });
    expect(plan(desire([web]), observe([], { images })).nodes.map(({ id }) => id)).toContain('pull web:1');
    expect(plan(desire([web]), observe([standing(web)], { images })).nodes).toEqual([]);
  });

  it('one image that two drivers need is pulled by each', () => {
    const images = new Map([['web:1', null]]);
    const observed = observe([], { images });
    const facts = new Map([...observed.facts].map(([name]) => [name, observed.facts.get('docker')!]));
    const desired = desire([agent('a'), agent('b', { driver: 'process' })]);
    const ids = plan(desired, { ...observed, facts }).nodes.flatMap(({ id, step }) =>
      step.verb === 'pull' ? [id] : [],
    );
    expect(ids).toEqual(['pull web:1 (docker)', 'pull web:1 (process)']);
  });

  it('a creation says where the manifest declares the agent', () => {
    const { changes } = plan(desire([agent('web')]), observe([]));
    expect(changes[0]?.source).toEqual(agent('web').source.locate(fieldPath('metadata', 'name')));
  });
});
