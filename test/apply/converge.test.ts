import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApplyOptions } from '../../src/apply/apply.ts';
import type { FaultEffect, FaultScript } from '../../src/drivers/memory/faults.ts';
import { createMemoryDriver } from '../../src/drivers/memory/memory-driver.ts';
import { MemoryWorld } from '../../src/drivers/memory/memory-world.ts';
import type { Agent } from '../../src/model/agent.ts';
import type { DesiredState } from '../../src/model/desired.ts';
import { hasErrors } from '../../src/model/diagnostic.ts';
import type { ApplyEvent } from '../../src/model/event.ts';
import type { ObservedState } from '../../src/model/observed.ts';
import type { ApplyReport, DriverError, Outcome } from '../../src/model/outcome.ts';
import type { NodeId, Plan } from '../../src/model/plan.ts';
import { plan } from '../../src/plan/plan.ts';
import { groupBy } from '../../src/util/group.ts';
import { agentOf, projectOf } from '../contract/calls.ts';
import { FakeClock } from './fake-clock.ts';
import { applyNodes, image, root, workspace, type Applied } from './plans.ts';

const project = projectOf(workspace, root);

/** Agents named in order, each free to depend on those before it; every third is a job that ends by itself. */
const someAgents = fc
  .array(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      job: fc.boolean(),
      level: fc.constantFrom('info', 'debug'),
      memory: fc.constantFrom(64, 128),
      replicas: fc.integer({ min: 1, max: 3 }),
      rolling: fc.boolean(),
      volume: fc.boolean(),
      port: fc.boolean(),
      dependsOn: fc.nat(),
    }),
    { maxLength: 4 },
  )
  .map((shapes) => {
    const agents = new Map<string, Agent>();
    for (const shape of shapes) {
      const before = [...agents.values()].filter((agent) => agent.name !== shape.name);
      const needed = before[shape.dependsOn % (before.length + 1)];
      const job = shape.job && !agents.has(shape.name);
      if (agents.has(shape.name)) continue;
      agents.set(
        shape.name,
        agentOf('memory', shape.name, {
          image,
          command: job ? ['job'] : ['serve'],
          environment: { LEVEL: shape.level },
          resources: { limits: { memory: shape.memory }, requests: {} },
          restartPolicy: { name: job ? 'never' : 'always', maxRetries: 0 },
          replicas: { count: shape.replicas },
          volumes: shape.volume ? [{ type: 'volume', source: 'cache', target: '/cache', readOnly: true }] : [],
          ports: shape.port ? { '80/tcp': { host: 0, hostIp: '127.0.0.1' } } : {},
          deployment: { ...agentOf('memory', 'a').deployment, strategy: shape.rolling ? 'rolling' : 'recreate' },
          dependsOn: needed
            ? [{ agent: needed.name, condition: needed.command?.[0] === 'job' ? 'completed' : 'healthy' }]
            : [],
        }),
      );
    }
    return [...agents.values()];
  });

const error = (retry: DriverError['retry']): DriverError => ({ code: 'internal', retry, message: 'scripted' });

const someFaults: fc.Arbitrary<FaultScript> = fc.array(
  fc.record({
    on: fc.record({ nth: fc.integer({ min: 1, max: 25 }) }),
    effect: fc.constantFrom<FaultEffect>(
      { type: 'fail', error: error('transient') },
      { type: 'fail', error: error('transient'), after: true },
      { type: 'fail', error: error('terminal') },
      { type: 'fail', error: error('terminal'), after: true },
      { type: 'crash' },
      { type: 'crash', after: true },
      { type: 'hang' },
      { type: 'hang', deaf: true, after: true },
    ),
  }),
  { maxLength: 5 },
);

/** After how many finished nodes each Ctrl-C comes; mostly never. */
const someInterruption = fc.record({
  drain: fc.option(fc.nat(20), { freq: 4, nil: Infinity }),
  abort: fc.option(fc.nat(20), { freq: 4, nil: Infinity }),
});

function newWorld(): MemoryWorld {
  return new MemoryWorld({
    images: { [image]: 'sha256:1' },
    program: (spec) => ({ prints: [], onStop: 143, ...(spec.command?.[0] === 'job' ? { exitCode: 0 } : {}) }),
  });
}

function desiredOf(agents: readonly Agent[]): DesiredState {
  const driver = createMemoryDriver();
  const templates = [
    ...driver.compileShared(agents, project).templates,
    ...agents.flatMap((agent) => driver.compile(agent, project).templates),
  ];
  return {
    workspace,
    scope: project.scope,
    templates: new Map(templates.map((template) => [template.address, template])),
  };
}

async function observed(world: MemoryWorld): Promise<ObservedState> {
  const interest = { images: [image], paths: [], namePrefix: `${workspace}-` };
  const seen = await createMemoryDriver({ world }).observe({ workspace, root }, interest, new AbortController().signal);
  if (!seen.ok) throw new Error(seen.error.message);
  const { resources, facts } = seen.value;
  return {
    workspace,
    resources: groupBy(resources, (resource) => resource.address),
    facts: new Map([['memory', facts]]),
  };
}

async function planFor(world: MemoryWorld, agents: readonly Agent[]): Promise<Plan> {
  const made = plan(desiredOf(agents), await observed(world), {});
  if (hasErrors(made.diagnostics)) throw new Error(JSON.stringify(made.diagnostics));
  return made;
}

/** Plans and applies; interrupted after so many nodes. */
async function run(
  world: MemoryWorld,
  agents: readonly Agent[],
  faults: FaultScript = [],
  interruption = { drain: Infinity, abort: Infinity },
): Promise<Applied> {
  const [drain, abort] = [new AbortController(), new AbortController()];
  const events: ApplyEvent[] = [];
  let finished = 0;
  const clock = new FakeClock({ automatic: true });
  const driver = createMemoryDriver({ world, faults, latency: () => clock.sleep(finished % 3) });
  const options: Partial<ApplyOptions> = {
    clock,
    drain: drain.signal,
    abort: abort.signal,
    emit: (event) => {
      events.push(event);
      if (event.type !== 'node-finished') return;
      finished += 1;
      if (finished > interruption.drain) drain.abort();
      if (finished > interruption.abort) abort.abort();
    },
  };
  const { report } = await applyNodes(await planFor(world, agents), driver, options);
  return { report, events };
}

/** The ways in which what an apply says of itself contradicts itself or the plan. */
function contradictions({ report, events }: Applied): readonly string[] {
  const problems: string[] = [];
  const succeeded = new Set<NodeId>();
  for (const event of events) {
    if (event.type === 'node-started' && !event.node.dependsOn.every((id) => succeeded.has(id))) {
      problems.push(`${event.node.id} was started too early`);
    }
    if (event.type === 'node-finished' && event.outcome.status === 'succeeded') succeeded.add(event.node.id);
  }
  const outcomes = new Map<NodeId, Outcome>(report.nodes.map(({ node, outcome }) => [node.id, outcome]));
  for (const { node, outcome } of report.nodes) {
    const below = node.dependsOn.map((id) => outcomes.get(id)?.status);
    const blocked = below.some((status) => status === 'failed' || status === 'skipped');
    if (blocked !== (outcome.status === 'skipped')) problems.push(`${node.id} is ${outcome.status}`);
    if (outcome.status === 'skipped' && outcomes.get(outcome.blockedBy)?.status !== 'failed') {
      problems.push(`${node.id} is blocked by ${outcome.blockedBy}, which has not failed`);
    }
    const free = below.every((status) => status === 'succeeded');
    if (free && outcome.status === 'not-started' && report.status !== 'interrupted')
      problems.push(`${node.id} was left`);
  }
  return [...problems, ...statusProblems(report)];
}

function statusProblems({ status, nodes }: ApplyReport): readonly string[] {
  const all = nodes.every(({ outcome }) => outcome.status === 'succeeded');
  return all === (status === 'succeeded') ? [] : [`the apply is said to have ${status}`];
}

describe('an apply of any plan, whatever goes wrong', () => {
  it('starts nothing before what it depends on has succeeded, and accounts for every node', async () => {
    await fc.assert(
      fc.asyncProperty(
        someAgents,
        someAgents,
        someFaults,
        someInterruption,
        async (first, second, faults, interruption) => {
          const world = newWorld();
          await run(world, first);
          expect(contradictions(await run(world, second, faults, interruption))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  it('leaves what the next one finishes', async () => {
    await fc.assert(
      fc.asyncProperty(
        someAgents,
        someAgents,
        someFaults,
        someInterruption,
        async (first, second, faults, interruption) => {
          const world = newWorld();
          await run(world, first);
          await run(world, second, faults, interruption);
          const { report } = await run(world, second);
          expect(report.nodes.filter(({ outcome }) => outcome.status !== 'succeeded')).toEqual([]);
          expect((await planFor(world, second)).nodes).toEqual([]);
          const wanted = second
            .flatMap((agent) => Array.from({ length: agent.replicas.count }, () => agent.name))
            .sort();
          const standing = world.objects.filter((object) => object.kind === 'agent');
          expect(standing.map((object) => object.record?.address.split('/')[1]).sort()).toEqual(wanted);
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  it('is done where nothing goes wrong', async () => {
    await fc.assert(
      fc.asyncProperty(someAgents, someAgents, async (first, second) => {
        const world = newWorld();
        for (const agents of [first, second]) {
          const { report } = await run(world, agents);
          expect(report.status).toBe('succeeded');
          expect((await planFor(world, agents)).nodes).toEqual([]);
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
