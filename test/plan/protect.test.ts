import { describe, expect, it } from 'vitest';
import { fieldPath } from '../../src/model/field-path.ts';
import { plan } from '../../src/plan/plan.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, at, desire, network, observe, standing } from '../support/planning.ts';

const db = agent('db', { protect: true });

describe('protection', () => {
  it('a replacement of something protected does not happen, and the rest does, dependents included', () => {
    const desired = desire([
      agent('db', { protect: true, image: 'db:2' }),
      agent('web', { image: 'web:2', dependsOn: [['db', 'ready']] }),
    ]);
    const web = agent('web', { dependsOn: [['db', 'ready']] });
    expectGolden('plan/protect/replace.txt', planText(plan(desired, observe([standing(db), standing(web)]))));
  });

  it('outlives the manifest', () => {
    const { changes, nodes } = plan(desire([]), observe([standing(db)]));
    expect(changes).toMatchObject([
      {
        action: 'no-op',
        cause: { type: 'undeclared' },
        approval: { type: 'protected' },
        notes: ['protected, so it is not deleted'],
      },
    ]);
    expect(nodes).toEqual([]);
  });

  it('yields when the manifest lifts it and the command names the object', () => {
    const lifted = desire([agent('db', { image: 'db:2' })]);
    const observed = observe([standing(db)]);
    expect(plan(lifted, observed).changes[0]?.approval).toEqual({ type: 'protected' });
    expect(plan(lifted, observed, { replace: new Set([at('agent/db/0')]) }).changes[0]?.action).toBe('replace');
    expect(plan(lifted, observed, { destroy: { volumes: false } }).changes[0]?.action).toBe('delete');
  });

  it('does not stand in the way of an update in place or a start', () => {
    const stopped = standing(db, { phase: 'exited', live: { [fieldPath('resources', 'limits', 'cpu')]: 1 } });
    const { nodes } = plan(desire([db]), observe([stopped]));
    expect(nodes.map(({ step }) => step.verb)).toEqual(['update', 'start', 'wait']);
  });

  it('holds the network that something protected stands on', () => {
    const attached = agent('db', { protect: true, network: 'default' });
    const web = agent('web', { network: 'default' });
    const observed = observe([network('default'), attached, web].map((template) => standing(template)));
    const changed = plan(desire([network('default', true), attached, web]), observed);
    expect(changed.nodes).toEqual([]);
    const destroyed = plan(desire([]), observed, { destroy: { volumes: true } });
    expect(destroyed.changes.map(({ address, action, notes }) => [address, action, ...notes])).toEqual([
      ['agent/db/0', 'no-op', 'protected, so it is not deleted'],
      ['agent/web/0', 'delete'],
      ['network/default', 'no-op', 'kept, because protected `agent/db/0` stands on it'],
    ]);
  });
});
