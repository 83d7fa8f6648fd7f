import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldPath } from '../../src/model/field-path.ts';
import type { Plan, PlanNode } from '../../src/model/plan.ts';
import { digestOf } from '../../src/plan/digest.ts';
import { plan } from '../../src/plan/plan.ts';
import type { Json } from '../../src/util/json.ts';
import { agent, desire, network, observe, rolling, secret, standing, tcpCheck } from '../support/planning.ts';

const cpu = fieldPath('resources', 'limits', 'cpu');

/** A plan with every kind of node. */
const made = plan(
  desire([
    network('default'),
    agent('api', {
      image: 'api:2',
      network: 'default',
      check: tcpCheck,
      rollout: rolling(),
      replicas: 2,
      routes: true,
    }),
    agent('job', { restart: 'never' }),
    agent('web', { dependsOn: [['job', 'completed']], environment: { KEY: secret('key') }, limits: { cpu: 2 } }),
    agent('stopped'),
  ]),
  observe(
    [
      standing(agent('api', { image: 'api:1', network: 'default', routes: true })),
      standing(agent('web', { environment: { KEY: secret('key') } }), { live: { [cpu]: 1 } }),
      standing(agent('stopped'), { phase: 'exited', exitCode: 1 }),
      standing(agent('gone')),
    ],
    { images: new Map([['api:2', null]]) },
  ),
);

/** Where a value stands in a plan's nodes. */
type Place = readonly (string | number)[];

/** What the digest leaves out: a place that ends like one of these, or lies below it. */
const outside: readonly RegExp[] = [/^\d+\.cause\b/, /^\d+\.step\.target\.(ref|workspace)$/, /^\d+\.step\.manifest$/];

const places = leavesOf(made.nodes as unknown as Json, []);
const isLeftOut = (place: Place): boolean => outside.some((pattern) => pattern.test(place.join('.')));
const left = places.filter(isLeftOut);
const covered = places.filter((place) => !isLeftOut(place));

describe('the digest of a plan', () => {
  it('is made of a plan that has every kind of step', () => {
    const verbs = ['create', 'pull', 'remove', 'route', 'start', 'stop', 'unroute', 'update', 'wait'];
    expect([...new Set(made.nodes.map(({ step }) => step.verb))].sort()).toEqual(verbs);
    expect(left.length).toBeGreaterThan(0);
  });

  it('changes with every value of every action and precondition', () => {
    for (const place of covered) expect([place, digestWith(place)]).not.toEqual([place, made.digest]);
  });

  it('stays the same whatever becomes of causes, engine ids and the names of manifests', () => {
    for (const place of left) expect([place, digestWith(place)]).toEqual([place, made.digest]);
  });

  it('changes when a member of an action is taken away, or another joins', () => {
    for (const place of covered) {
      const without = digestAfter((nodes) => {
        Reflect.deleteProperty(at(nodes, place.slice(0, -1)), place.at(-1) ?? '');
      });
      expect([place, without]).not.toEqual([place, made.digest]);
    }
    for (const [index, { id }] of made.nodes.entries()) {
      const joined = digestAfter((nodes) => (at(nodes, [index, 'step']).another = true));
      expect([id, joined]).not.toEqual([id, made.digest]);
    }
  });

  it('changes when a step, an edge or a precondition is taken away, or steps change places', () => {
    fc.assert(
      fc.property(fc.nat(made.nodes.length - 1), fc.nat(100), (index, pick) => {
        const node = made.nodes[index];
        if (!node) return;
        const others = made.nodes.filter((other) => other !== node);
        expect(digestOf({ ...made, nodes: others })).not.toBe(made.digest);
        if (node.dependsOn.length > 0) {
          const edge = pick % node.dependsOn.length;
          const dependsOn = node.dependsOn.filter((_dependency, position) => position !== edge);
          expect(digestOf(replaced(node, { ...node, dependsOn }))).not.toBe(made.digest);
        }
        const { precondition, ...unchecked } = node;
        if (precondition !== undefined) expect(digestOf(replaced(node, unchecked))).not.toBe(made.digest);
        const turned = [...others, node];
        if (index < made.nodes.length - 1) expect(digestOf({ ...made, nodes: turned })).not.toBe(made.digest);
      }),
    );
  });
});

function replaced(node: PlanNode, by: PlanNode): Pick<Plan, 'workspace' | 'nodes'> {
  return { ...made, nodes: made.nodes.map((other) => (other === node ? by : other)) };
}

function leavesOf(value: Json | undefined, place: Place): readonly Place[] {
  if (typeof value !== 'object' || value === null) return value === undefined ? [] : [place];
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, [...place, key]));
}

/** The digest with the value at `place` made another one. */
function digestWith(place: Place): string {
  const key = place.at(-1) ?? '';
  return digestAfter((nodes) => {
    const parent = at(nodes, place.slice(0, -1));
    const value = parent[key];
    parent[key] = typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${String(value)}!`;
  });
}

type Members = Record<string, unknown>;

function at(nodes: Members, place: Place): Members {
  return place.reduce((value, key) => value[key] as Members, nodes);
}

/** The digest of the nodes once something has been done to a copy of them. */
function digestAfter(change: (nodes: Members) => void): string {
  const nodes = structuredClone(made.nodes) as unknown as Members;
  change(nodes);
  return digestOf({ ...made, nodes: nodes as unknown as Plan['nodes'] });
}
