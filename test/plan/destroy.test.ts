import { describe, expect, it } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, desire, network, observe, standing, volume } from '../support/planning.ts';

const volumes = { '/cache': { type: 'volume', source: 'cache', readOnly: false } } as const;
const api = agent('api', { network: 'default', volumes });
const web = agent('web', { network: 'default', dependsOn: [['api', 'ready']], replicas: 2 });
const templates = [network('default'), volume('cache'), api, web];
const desired = desire(templates);
const observed = observe([...templates.map((template) => standing(template)), standing(web, { index: 1 })]);

describe('destroy', () => {
  it('takes everything away, dependents first, and leaves the data', () => {
    expectGolden('plan/destroy/all.txt', planText(plan(desired, observed, { destroy: { volumes: false } })));
  });

  it('takes the volumes too when it is told to, and asks', () => {
    const { changes, nodes, diagnostics } = plan(desired, observed, { destroy: { volumes: true } });
    expect(changes.at(-1)).toMatchObject({
      address: 'volume/cache',
      action: 'delete',
      approval: { type: 'data-loss' },
    });
    expect(nodes.find(({ id }) => id === 'remove volume/cache')?.dependsOn).toEqual(['remove agent/api/0']);
    expect(diagnostics).toEqual([]);
  });

  it('of one agent leaves what it depends on, and the network that others stand on', () => {
    const selection = { agents: new Set(['web']), manifests: new Set(['web.agent.yaml']) };
    const { nodes } = plan(desired, observed, { destroy: { volumes: true }, selection });
    expect(nodes.map(({ id }) => id)).toEqual([
      'stop agent/web/0',
      'stop agent/web/1',
      'remove agent/web/0',
      'remove agent/web/1',
    ]);
  });

  it('does not mind what is wrong with the manifests', () => {
    const broken = desire([agent('web', { dependsOn: [['nobody', 'ready']], ports: { '80/tcp': 80 }, replicas: 3 })]);
    expect(plan(broken, observed, { destroy: { volumes: true } }).diagnostics).toEqual([]);
  });
});
