import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { templateOf } from '../../src/model/address.ts';
import { fieldPath } from '../../src/model/field-path.ts';
import type { DesiredState, ResourceTemplate } from '../../src/model/desired.ts';
import { hasErrors } from '../../src/model/diagnostic.ts';
import type { ObservedResource, ObservedState } from '../../src/model/observed.ts';
import { isEmptyPlan, type Plan } from '../../src/model/plan.ts';
import { withFields } from '../../src/model/version.ts';
import { plan } from '../../src/plan/plan.ts';
import { planText } from '../support/plan-text.ts';
import { agent, desire, network, volume, type AgentParts } from '../support/planning.ts';
import { anyOrder, World, type Pick } from '../support/world.ts';

const names = ['a', 'b', 'c', 'd', 'e'];

const conditions = fc.constantFrom('exists', 'started', 'ready', 'completed' as const);

/** One agent; it can only depend on those before it in `order`, so that no circle comes of it. */
const agentParts = fc.record({
  driver: fc.constantFrom('docker', 'docker', 'process'),
  image: fc.constantFrom('one:1', 'two:1'),
  level: fc.constantFrom('info', 'debug'),
  memory: fc.constantFrom(null, 100, 200),
  restart: fc.constantFrom('always', 'always', 'never'),
  network: fc.option(fc.constantFrom('front', 'back'), { nil: undefined }),
  cache: fc.boolean(),
  port: fc.boolean(),
  dependsOn: fc.array(fc.tuple(fc.nat(4), conditions), { maxLength: 3 }),
  rollout: fc.option(fc.tuple(fc.nat(2), fc.nat(2)), { nil: undefined }),
  replicas: fc.integer({ min: 1, max: 3 }),
  declared: fc.boolean(),
});

const manifests = fc.record({
  agents: fc.tuple(agentParts, agentParts, agentParts, agentParts, agentParts),
  order: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
  ports: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
  internal: fc.record({ front: fc.boolean(), back: fc.boolean() }),
});

type Manifests = typeof manifests extends fc.Arbitrary<infer T> ? T : never;

function templatesOf({ agents, order, ports, internal }: Manifests): readonly ResourceTemplate[] {
  const declared = names.filter((_, index) => agents[index]?.declared);
  const own = agents.flatMap((parts, index): ResourceTemplate[] => {
    if (!parts.declared) return [];
    const rank = order.indexOf(index);
    const first = 8000 + 10 * (ports[index] ?? 0);
    const dependsOn = parts.dependsOn.flatMap(([other, until]) => {
      const name = names[other] ?? '';
      if (order.indexOf(other) >= rank || !declared.includes(name)) return [];
      // Only what runs once completes.
      const isOneShot = agents[other]?.restart === 'never';
      return [[name, until === 'completed' && !isOneShot ? 'ready' : until] as const];
    });
    const isDocker = parts.driver === 'docker';
    const made: AgentParts = {
      driver: parts.driver,
      image: isDocker ? parts.image : null,
      environment: { LEVEL: parts.level },
      limits: { memory: parts.memory },
      restart: parts.restart,
      ...(isDocker && parts.network !== undefined ? { network: parts.network } : {}),
      ...(isDocker && parts.cache
        ? { volumes: { '/cache': { type: 'volume', source: 'cache', readOnly: false } as const } }
        : {}),
      ...(parts.port ? { ports: { '80/tcp': `${String(first)}-${String(first + 9)}` } } : {}),
      dependsOn,
      routes: isDocker && parts.network !== undefined && !!parts.rollout && parts.restart === 'always' && !parts.port,
      ...(parts.rollout
        ? { rollout: { strategy: 'rolling', maxSurge: parts.rollout[0], maxUnavailable: parts.rollout[1] } as const }
        : {}),
      replicas: parts.replicas,
    };
    return [agent(names[index] ?? '', made)];
  });
  const used = new Set(own.flatMap((template) => template.dependsOn.map(({ address }) => address as string)));
  return [
    ...own,
    ...(['front', 'back'] as const)
      .filter((name) => used.has(`network/${name}`))
      .map((name) => network(name, internal[name])),
    ...(used.has('volume/cache') ? [volume('cache')] : []),
  ];
}

/** What people do to a world behind aac's back. */
const mischief = fc.array(
  fc.tuple(
    fc.nat(20),
    fc.constantFrom('stop', 'kill', 'remove', 'pause', 'limit', 'environment', 'create-only', 'unroute'),
  ),
  { maxLength: 4 },
);

function meddle(world: World, acts: readonly (readonly [number, string])[]): void {
  for (const [index, act] of acts) {
    const object = world.objects[index];
    if (object?.kind !== 'agent') continue;
    const change: Record<string, () => ObservedResource | undefined> = {
      stop: () => ({ ...object, phase: 'exited', exitCode: 0, published: [] }),
      kill: () => ({ ...object, phase: 'exited', exitCode: 137, published: [] }),
      remove: () => undefined,
      pause: () => (object.phase === 'running' ? { ...object, phase: 'paused' } : object),
      limit: () => ({ ...object, live: withFields(object.live, { [fieldPath('resources', 'limits', 'memory')]: 77 }) }),
      environment: () => ({ ...object, live: withFields(object.live, { [fieldPath('environment', 'LEVEL')]: 'x' }) }),
      unroute: () => (object.routed === undefined ? object : { ...object, routed: false }),
      'create-only': () => ({ ...object, phase: 'created', published: [] }),
    };
    world.meddle(object.ref, () => change[act]?.());
  }
}

const picks = fc.infiniteStream(fc.nat(1000)).map(
  (stream): Pick =>
    (count) =>
      Number(stream.next().value) % count,
);

/** Plans, and carries out the first `count` nodes in an order that the edges allow. */
function carryOut(world: World, desired: DesiredState, pick: Pick, count = Infinity): Plan {
  const made = plan(desired, world.observed());
  if (hasErrors(made.diagnostics)) throw new Error(planText(made));
  for (const node of anyOrder(made, pick).slice(0, count)) world.carryOut(node, desired);
  return made;
}

const images = new Map([
  ['one:1', 'id of one:1'],
  ['two:1', null],
]);

/** Whether the names of its agent lead to it, and it answers. */
function serves({ routed, phase }: ObservedResource): boolean {
  return routed === true && phase === 'running';
}

/** Milliseconds; nothing is asserted about time, the machine may just be busy. */
const generous = 120_000;

describe('any plan', () => {
  it(
    'carried out in any order that its edges allow, also after one that was cut off, leaves nothing to do',
    () => {
      fc.assert(
        fc.property(manifests, manifests, mischief, picks, fc.nat(40), (before, after, acts, pick, cut) => {
          const world = new World([], images);
          carryOut(world, desire(templatesOf(before)), pick);
          meddle(world, acts);
          const desired = desire(templatesOf(after));
          carryOut(world, desired, pick, cut);
          carryOut(world, desired, pick);
          const last = plan(desired, world.observed());
          expect(isEmptyPlan(last) ? '' : planText(last)).toBe('');
          expect(last.drift).toEqual([]);
        }),
        { numRuns: 120 },
      );
    },
    generous,
  );

  it(
    'takes nobody the name of an agent that rolls, in whatever order its edges allow, also where it is cut off',
    () => {
      fc.assert(
        fc.property(manifests, picks, fc.nat(40), (before, pick, cut) => {
          const world = new World([], images);
          const first = templatesOf(before);
          carryOut(world, desire(first), pick);
          const rolled = first.filter(({ routes, rollout }) => routes && 'maxSurge' in rollout && rollout.maxSurge > 0);
          const after = desire(
            first.map((template) =>
              rolled.includes(template) ? { ...template, spec: { ...template.spec, args: ['more'] } } : template,
            ),
          );
          const expectServed = () => {
            for (const { address } of rolled) {
              const serving = world.objects.filter(
                (object) => templateOf(object.address) === address && serves(object),
              );
              expect(serving, address).not.toEqual([]);
            }
          };
          for (const nodes of [cut, Infinity]) {
            const made = plan(after, world.observed());
            const routes = made.nodes.filter(({ step }) => step.verb === 'route');
            for (const { step, dependsOn } of routes) expect(dependsOn).toContain(`wait ready ${step.address}`);
            for (const node of anyOrder(made, pick).slice(0, nodes)) {
              world.carryOut(node, after);
              expectServed();
            }
          }
          expect(plan(after, world.observed()).nodes).toEqual([]);
        }),
        { numRuns: 100 },
      );
    },
    generous,
  );

  it(
    'has nodes whose ids are unique and that wait only for earlier ones',
    () => {
      fc.assert(
        fc.property(manifests, manifests, mischief, picks, (before, after, acts, pick) => {
          const world = new World([], images);
          carryOut(world, desire(templatesOf(before)), pick, 15);
          meddle(world, acts);
          const { nodes } = plan(desire(templatesOf(after)), world.observed());
          const seen = new Set<string>();
          for (const node of nodes) {
            expect(seen.has(node.id)).toBe(false);
            expect(node.dependsOn.filter((dependency) => !seen.has(dependency))).toEqual([]);
            seen.add(node.id);
          }
        }),
        { numRuns: 60 },
      );
    },
    generous,
  );

  it(
    'checks each standing object that it touches exactly once, at the first node',
    () => {
      fc.assert(
        fc.property(manifests, manifests, picks, (before, after, pick) => {
          const world = new World([], images);
          carryOut(world, desire(templatesOf(before)), pick);
          const touched = new Map<string, boolean[]>();
          for (const { step, precondition } of plan(desire(templatesOf(after)), world.observed()).nodes) {
            const { ref } = step.target;
            if (ref === undefined || step.verb === 'wait') continue;
            touched.set(ref, [...(touched.get(ref) ?? []), precondition !== undefined]);
          }
          for (const [ref, checks] of touched) {
            expect([ref, ...checks]).toEqual([ref, true, ...checks.slice(1).map(() => false)]);
          }
        }),
        { numRuns: 50 },
      );
    },
    generous,
  );

  it(
    'is the same text and digest however the inputs are ordered',
    () => {
      fc.assert(
        fc.property(manifests, manifests, mischief, picks, fc.nat(15), (before, after, acts, pick, cut) => {
          const world = new World([], images);
          carryOut(world, desire(templatesOf(before)), pick);
          meddle(world, acts);
          carryOut(world, desire(templatesOf(after)), pick, cut);
          const templates = templatesOf(after);
          const straight = plan(desire(templates), world.observed());
          const turned = plan(desire([...templates].reverse().map(turnTemplate)), turn(world.observed()));
          expect(planText(turned)).toBe(planText(straight));
          expect(turned.digest).toBe(straight.digest);
        }),
        { numRuns: 50 },
      );
    },
    generous,
  );
});

function turnTemplate(template: ResourceTemplate): ResourceTemplate {
  return {
    ...template,
    spec: Object.fromEntries(Object.entries(template.spec).reverse()),
    dependsOn: [...template.dependsOn].reverse(),
    mutable: [...template.mutable].reverse(),
  };
}

function turn(observed: ObservedState): ObservedState {
  return {
    ...observed,
    resources: new Map(
      [...observed.resources].reverse().map(([address, objects]) => [address, [...objects].reverse()] as const),
    ),
    facts: new Map([...observed.facts].reverse()),
  };
}
