import { describe, expect, it } from 'vitest';
import type { Scope } from '../../src/model/agent.ts';
import { fieldPath } from '../../src/model/field-path.ts';
import { plan } from '../../src/plan/plan.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, at, desire, network, observe, standing, volume } from '../support/planning.ts';

const backend = network('backend');
const api = agent('api', { network: 'backend' });
const web = agent('web', { network: 'backend', dependsOn: [['api', 'ready']] });
const everything = observe([backend, api, web, volume('cache')].map((template) => standing(template)));

describe('pruning', () => {
  it('what nobody declares any more goes, dependents first and the network last, and the volume stays', () => {
    expectGolden('plan/prune/undeclared.txt', planText(plan(desire([]), everything)));
  });

  it('a network on which something stays is kept', () => {
    const { changes, nodes } = plan(desire([agent('api', { network: 'backend' })]), everything);
    expect(changes.find(({ address }) => address === 'network/backend')).toMatchObject({
      action: 'no-op',
      notes: ['kept, because `agent/api/0` stands on it'],
    });
    expect(nodes.map(({ id }) => id)).toEqual(['stop agent/web/0', 'remove agent/web/0']);
  });

  it('a stopped object is only removed, and one that is being removed is removed once more', () => {
    const observed = observe([standing(api, { phase: 'exited', exitCode: 0 }), standing(web, { phase: 'removing' })]);
    expect(plan(desire([]), observed).nodes.map(({ id }) => id)).toEqual(['remove agent/web/0', 'remove agent/api/0']);
  });

  it('what was let go of is walked past with all it stands on, until it is declared', () => {
    const object = standing(web);
    const observed = observe([standing(backend), object]);
    const forgotten = new Set([object.ref]);
    expect(plan(desire([]), observed, { forgotten }).nodes).toEqual([]);
    expect(plan(desire([]), observed, { forgotten, destroy: { volumes: true } }).nodes).toEqual([]);
    const changed = agent('web', { network: 'backend', environment: { LEVEL: 'debug' } });
    expect(plan(desire([backend, changed]), observed, { forgotten }).changes[0]).toMatchObject({ action: 'replace' });
  });

  it('agents started by `aac run`, and objects of other workspaces, are passed by', () => {
    const run = standing(agent('adhoc'), { record: { origin: 'run', address: at('run/adhoc') } });
    const other = standing(agent('other'), { record: { workspace: 'another' } });
    const made = plan(desire([]), observe([{ ...run, address: at('run/adhoc') }, other]), {
      destroy: { volumes: true },
    });
    expect([made.changes, made.nodes, made.diagnostics]).toEqual([[], [], []]);
  });

  it('fewer replicas are a change of the number, not of the agent', () => {
    const three = agent('web', { replicas: 3 });
    const two = agent('web', { replicas: 2 });
    const observed = observe([0, 1, 2].map((index) => standing(three, { index })));
    const { changes, nodes } = plan(desire([two]), observed);
    expect(changes.map(({ action, cause }) => [action, cause.type])).toEqual([
      ['no-op', 'declared'],
      ['no-op', 'declared'],
      ['delete', 'scaled-down'],
    ]);
    expect(nodes.map(({ id }) => id)).toEqual(['stop agent/web/2', 'remove agent/web/2']);
    expect(changes[2]?.source).toEqual(two.source.locate(fieldPath('replicas')));
  });

  it('more replicas are the same, at the line of the number; one that is missing among them is not', () => {
    const three = agent('web', { replicas: 3 });
    const { changes } = plan(desire([three]), observe([standing(three)]));
    expect(changes.map(({ action, cause }) => [action, cause.type])).toEqual([
      ['no-op', 'declared'],
      ['create', 'scaled-up'],
      ['create', 'scaled-up'],
    ]);
    expect(changes[1]?.source).toEqual(three.source.locate(fieldPath('replicas')));
    const gap = observe([standing(three), standing(three, { index: 2 })]);
    expect(plan(desire([three]), gap).changes[1]).toMatchObject({ action: 'create', cause: { type: 'declared' } });
    expect(plan(desire([three]), observe([])).changes[1]).toMatchObject({ cause: { type: 'declared' } });
  });
});

describe('a directory without a project file', () => {
  const scope: Scope = { type: 'directory', directory: '/srv/demo' };
  const elsewhere = { record: { directory: '/home/other/demo' } };

  it('prunes only what was applied from it, and says what it passes by', () => {
    const observed = observe([standing(web), standing(api, elsewhere), standing(agent('bot'), elsewhere)]);
    expectGolden('plan/prune/directory.txt', planText(plan(desire([], { scope }), observed)));
  });

  it('refuses an address that another directory wants too', () => {
    const made = plan(desire([api, agent('own')], { scope }), observe([standing(api, elsewhere)]));
    expectGolden('plan/prune/foreign.txt', planText(made));
  });

  it('a project owns its workspace whole', () => {
    const { changes } = plan(desire([]), observe([standing(api, elsewhere)]));
    expect(changes).toMatchObject([{ address: 'agent/api/0', action: 'delete' }]);
  });
});
