import { describe, expect, it } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import { adoptRenamed, appliedSince } from '../../src/plan/renames.ts';
import type { DesiredState, ResourceTemplate } from '../../src/model/desired.ts';
import type { ObservedResource } from '../../src/model/observed.ts';
import { agent, at, desire, network, observe, rolling, standing, workspace } from '../support/planning.ts';

const renamed = (template: ResourceTemplate, ...previousNames: readonly string[]): ResourceTemplate => ({
  ...template,
  previousNames,
});

function planOf(desired: DesiredState, ...objects: readonly ObservedResource[]) {
  return plan(desired, observe(adoptRenamed(objects, desired)));
}

describe('an agent that was called otherwise before', () => {
  it('goes on untouched where nothing else differs, which the plan says', () => {
    const made = planOf(
      desire([renamed(agent('site', { replicas: 2 }), 'web')]),
      ...[0, 1].map((index) => {
        return standing(agent('web'), { index });
      }),
    );
    expect(made.nodes).toEqual([]);
    expect(made.changes.map(({ address, action, notes }) => [address, action, notes])).toEqual([
      ['agent/site/0', 'no-op', ['renamed from `web`, and goes on as it is']],
      ['agent/site/1', 'no-op', ['renamed from `web`, and goes on as it is']],
    ]);
  });

  it('is replaced in order where its name is a name on a network, the old one found by what is recorded on it', () => {
    const parts = { network: 'default', rollout: rolling(), routes: true } as const;
    const old = standing(agent('web', parts), { generation: 3 });
    const desired = desire([network('default'), renamed(agent('site', parts), 'web')]);
    const { changes, nodes } = planOf(desired, standing(network('default')), old);
    expect(changes.map(({ address, action }) => [address, action])).toEqual([
      ['agent/site/0', 'replace'],
      ['network/default', 'no-op'],
    ]);
    expect(nodes.map(({ id }) => id)).toEqual([
      'create agent/site/0',
      'start agent/site/0',
      'wait ready agent/site/0',
      'route agent/site/0',
      'unroute agent/site/0 (generation 3)',
      'wait drained agent/site/0 (generation 3)',
      'stop agent/site/0 (generation 3)',
      'remove agent/site/0 (generation 3)',
    ]);
    expect(nodes[0]?.step).toMatchObject({ address: 'agent/site/0', target: { generation: 4 } });
    expect(nodes.at(-1)?.step).toMatchObject({ address: 'agent/site/0', target: { address: 'agent/web/0' } });
  });

  it('is deleted and made anew where no manifest tells of the name', () => {
    const { changes } = planOf(desire([agent('site')]), standing(agent('web')));
    expect(changes.map(({ address, action }) => [address, action])).toEqual([
      ['agent/site/0', 'create'],
      ['agent/web/0', 'delete'],
    ]);
  });

  it('is what others were recorded to stand on, and was applied before', () => {
    const desired = desire([renamed(agent('site'), 'old', 'web'), agent('api', { dependsOn: [['site', 'ready']] })]);
    const [api] = adoptRenamed([standing(agent('api', { dependsOn: [['web', 'ready']] }))], desired);
    expect(api?.record.dependsOn).toEqual(['agent/site']);
    const applied = appliedSince(new Set([at('agent/web/1'), at('network/web')]), desired);
    expect([...applied]).toEqual(['agent/site/1', 'network/web']);
  });

  it('leaves a name to whoever is declared by it, and what another directory applied', () => {
    const both = desire([renamed(agent('site'), 'web'), agent('web')]);
    expect(adoptRenamed([standing(agent('web'))], both)[0]?.address).toBe('agent/web/0');
    const scope = { type: 'directory', directory: '/elsewhere' } as const;
    const [foreign] = adoptRenamed(
      [standing(agent('web'))],
      desire([renamed(agent('site'), 'web')], { scope, workspace }),
    );
    expect(foreign?.address).toBe('agent/web/0');
  });
});
