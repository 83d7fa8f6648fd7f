import fc from 'fast-check';
import { expect, it } from 'vitest';
import { edgeTemplate } from '../../src/model/address.ts';
import type { DesiredState, ResourceTemplate } from '../../src/model/desired.ts';
import { hasErrors } from '../../src/model/diagnostic.ts';
import { isEmptyPlan } from '../../src/model/plan.ts';
import { plan } from '../../src/plan/plan.ts';
import { planText } from '../support/plan-text.ts';
import { agent, desire, rolling } from '../support/planning.ts';
import { anyOrder, World } from '../support/world.ts';

const names = ['a', 'b', 'c', 'd'];

/** Who has a host port of its own, publishes it itself or through the edge, or gets out through the edge. */
const agentParts = fc.record({
  port: fc.constantFrom('none', 'direct', 'shared'),
  walled: fc.boolean(),
  image: fc.constantFrom('one:1', 'two:1'),
  rolls: fc.boolean(),
  dependsOn: fc.array(fc.nat(3), { maxLength: 2 }),
});

const manifests = fc.record({
  agents: fc.tuple(agentParts, agentParts, agentParts, agentParts),
  rules: fc.constantFrom('few', 'many'),
});

function templatesOf({ agents, rules }: typeof manifests extends fc.Arbitrary<infer T> ? T : never) {
  const own = agents.map(({ port, walled, image, rolls, dependsOn }, index): ResourceTemplate => {
    const template = agent(names[index] ?? '', {
      image,
      ports: port === 'direct' ? { '80/tcp': 8000 + index } : {},
      dependsOn: dependsOn.flatMap((other) => (other < index ? [[names[other] ?? '', 'ready'] as const] : [])),
      ...(rolls ? { rollout: rolling(), routes: port !== 'direct' } : {}),
    });
    const edge = { address: edgeTemplate, until: 'started' } as const;
    return walled ? { ...template, dependsOn: [...template.dependsOn, edge] } : template;
  });
  const shared = agents.flatMap(({ port }, index) => (port === 'shared' ? [8000 + index] : []));
  if (shared.length === 0 && agents.every(({ walled }) => !walled)) return own;
  const ports = Object.fromEntries(shared.map((port) => [`${String(port)}/tcp`, port]));
  const edge = agent('edge', { image: 'one:1', ports, environment: { RULES: rules } });
  return [...own, { ...edge, address: edgeTemplate }];
}

it('ports move between agents and the edge in any order that a plan allows, also after one that was cut off', () => {
  const picks = fc.infiniteStream(fc.nat(1000)).map((stream) => (count: number) => stream.next().value % count);
  fc.assert(
    fc.property(manifests, manifests, picks, fc.nat(30), (before, after, pick, cut) => {
      const world = new World(
        [],
        new Map([
          ['one:1', '1'],
          ['two:1', '2'],
        ]),
      );
      const carryOut = (desired: DesiredState, count = Infinity): void => {
        const made = plan(desired, world.observed());
        if (hasErrors(made.diagnostics)) throw new Error(planText(made));
        for (const node of anyOrder(made, pick).slice(0, count)) world.carryOut(node, desired);
      };
      carryOut(desire(templatesOf(before)));
      carryOut(desire(templatesOf(after)), cut);
      carryOut(desire(templatesOf(after)));
      const last = plan(desire(templatesOf(after)), world.observed());
      expect(isEmptyPlan(last) ? '' : planText(last)).toBe('');
    }),
    { numRuns: 300 },
  );
}, 120_000);
