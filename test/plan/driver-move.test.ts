import { describe, expect, it } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, desire, observe, rolling, standing, volume } from '../support/planning.ts';

const ports = { '80/tcp': 8080 };
const container = agent('web', { ports, rollout: rolling() });
const process = agent('web', { driver: 'process', image: null, ports, rollout: rolling() });

describe('an agent that moves to another driver', () => {
  it('stops in the old before it is made in the new, and its port is no conflict', () => {
    const holder = { port: 8080, protocol: 'tcp', hostIp: '0.0.0.0', holder: 'process 7 (docker-proxy)' } as const;
    const observed = observe([standing(container)]);
    const facts = new Map(observed.facts).set('process', { ...observed.facts.get('process')!, ports: [holder] });
    expectGolden('plan/driver-move/moved.txt', planText(plan(desire([process]), { ...observed, facts })));
  });

  it('leaves nothing behind when the move was cut short', () => {
    const observed = observe([standing(container), standing(process, { generation: 2 })]);
    const { changes, nodes } = plan(desire([process]), observed);
    expect(changes).toMatchObject([{ action: 'replace', cause: { type: 'driver-changed' } }]);
    expect(nodes.map(({ id }) => id)).toEqual(['stop agent/web/0 (generation 1)', 'remove agent/web/0 (generation 1)']);
  });

  it('leaves its volume where the data is', () => {
    const cache = volume('cache');
    const observed = observe([standing(cache)]);
    const { changes, diagnostics } = plan(desire([{ ...cache, driver: 'process' }]), observed);
    expect(changes).toMatchObject([{ action: 'create', driver: 'process' }]);
    expect(diagnostics).toMatchObject([{ code: 'unmanaged-volume', severity: 'note' }]);
  });
});
