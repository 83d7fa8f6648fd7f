import { describe, expect, it } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, desire, network, observe, standing } from '../support/planning.ts';

const desired = desire([
  network('default'),
  agent('db', { network: 'default' }),
  agent('api', { dependsOn: [['db', 'ready']] }),
  agent('web', { dependsOn: [['api', 'ready']] }),
  agent('other'),
]);

describe('a path on the command line', () => {
  it('plans the agents under it and what they depend on, and prunes what was applied from there', () => {
    const observed = observe([
      standing(agent('old')),
      standing(agent('gone'), { record: { manifest: 'api.agent.yaml' } }),
      standing(agent('web', { image: 'web:0' })),
    ]);
    const selection = { agents: new Set(['api']), manifests: new Set(['api.agent.yaml']) };
    expectGolden('plan/selection/one-agent.txt', planText(plan(desired, observed, { selection })));
  });

  it('keeps a network that agents outside of it stand on', () => {
    const api = agent('api', { network: 'default' });
    const web = agent('web', { network: 'default' });
    const observed = observe([network('default'), api, web].map((template) => standing(template)));
    const selection = { agents: new Set(['api']), manifests: new Set<string>() };
    const made = plan(desire([network('default', true), api, web]), observed, { selection });
    expect(made.nodes).toEqual([]);
    expect(made.changes.at(-1)?.notes).toEqual(['kept, because `agent/web/0` stands on it']);
  });
});

describe('an excluded agent', () => {
  const exclude = new Set(['db']);
  const addresses = (made: ReturnType<typeof plan>): readonly string[] => made.changes.map(({ address }) => address);

  it('stays as it is, and what depends on it is planned while it stands', () => {
    const made = plan(desired, observe([standing(agent('db', { image: 'db:0' }))]), { exclude });
    expect(addresses(made)).toEqual(['agent/api/0', 'agent/other/0', 'agent/web/0', 'network/default']);
    expect(made.diagnostics).toEqual([]);
  });

  it('that does not run takes what depends on it along, however far', () => {
    const made = plan(desired, observe([]), { exclude });
    expect(addresses(made)).toEqual(['agent/other/0', 'network/default']);
    expect(made.diagnostics.map(({ code, address }) => [code, address])).toEqual([
      ['excluded-dependency', 'agent/api'],
      ['excluded-dependency', 'agent/web'],
    ]);
  });

  it('is not deleted when nobody declares it any more, and keeps the network that it stands on', () => {
    const old = agent('old', { network: 'default' });
    const observed = observe([network('default'), old].map((template) => standing(template)));
    const made = plan(desire([agent('other')]), observed, { exclude: new Set(['old']) });
    expect(made.nodes.map(({ step }) => `${step.verb} ${step.address}`)).not.toContain('remove agent/old/0');
    expect(made.nodes.filter(({ step }) => step.kind === 'network')).toEqual([]);
  });
});
