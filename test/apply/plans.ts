import { apply, type ApplyOptions } from '../../src/apply/apply.ts';
import { createMemoryDriver, type MemoryDriver } from '../../src/drivers/memory/memory-driver.ts';
import type { MemoryWorld } from '../../src/drivers/memory/memory-world.ts';
import type { Agent } from '../../src/model/agent.ts';
import type { ApplyEvent } from '../../src/model/event.ts';
import type { ObservedResource, Version } from '../../src/model/observed.ts';
import type { ApplyReport } from '../../src/model/outcome.ts';
import type { Call, CreateCall, NodeId, Plan, PlanNode, Wait } from '../../src/model/plan.ts';
import { ok } from '../../src/util/result.ts';
import { agentOf, callOn, createCall, projectOf } from '../contract/calls.ts';
import { FakeClock } from './fake-clock.ts';

/** The workspace of all plans here. */
export const workspace = 'shop';
/** Where it lies. */
export const root = '/project';
/** The image that the agents of these plans need. */
export const image = 'aac-test/busybox:1';

/** The call that creates an agent's only replica on the memory driver. */
export function createAgent(name: string, fields: Partial<Agent> = {}, generation = 1): CreateCall {
  const agent = agentOf('memory', name, {
    image,
    network: { ...agentOf('memory', name).network, mode: { type: 'none' } },
    ...fields,
  });
  const [template] = createMemoryDriver().compile(agent, projectOf(workspace, root)).templates;
  return createCall(workspace, template!, generation);
}

/** A node; its id is what it does to which object. */
export function nodeOf(step: Call | Wait, dependsOn: readonly PlanNode[] = [], precondition?: Version): PlanNode {
  return {
    id: `${step.verb} ${step.address}` as NodeId,
    step,
    cause: { type: 'declared' },
    dependsOn: dependsOn.map((node) => node.id),
    ...(precondition === undefined ? {} : { precondition }),
  };
}

/** A wait for the object that `create` makes, for a minute unless told. */
export function waitOn(create: CreateCall, fields: Partial<Wait> = {}): Wait {
  const { address, driver, kind, target } = create;
  return { address, driver, kind, target, verb: 'wait', until: 'ready', minReady: 0, deadline: 60_000, ...fields };
}

/** Create, start and wait, one after another, the first after what is given. */
export function bringUp(
  create: CreateCall,
  after: readonly PlanNode[] = [],
  wait: Partial<Wait> = {},
): readonly [PlanNode, PlanNode, PlanNode] {
  const made = nodeOf(create, after);
  const started = nodeOf(callOn(create, { verb: 'start' }), [made]);
  return [made, started, nodeOf(waitOn(create, wait), [started])];
}

/** A plan of nodes, which shows nothing to people. */
export function planOf(nodes: readonly PlanNode[], shown: Partial<Pick<Plan, 'changes' | 'drift'>> = {}): Plan {
  return {
    formatVersion: '1.0',
    workspace,
    scope: { type: 'project', directory: root },
    digest: 'digest',
    changes: [],
    drift: [],
    nodes,
    diagnostics: [],
    ...shown,
  };
}

/** An apply and all it told of itself. */
export interface Applied {
  readonly report: ApplyReport;
  readonly events: readonly ApplyEvent[];
}

/** Applies nodes with a driver. Time passes by itself unless a clock is given. */
export async function applyNodes(
  nodes: readonly PlanNode[] | Plan,
  driver: MemoryDriver,
  options: Partial<ApplyOptions> = {},
): Promise<Applied> {
  const events: ApplyEvent[] = [];
  const report = await apply('nodes' in nodes ? nodes : planOf(nodes), {
    drivers: new Map([['memory', driver]]),
    context: { root, directory: root, origin: 'manifest' },
    values: { read: async () => undefined },
    clock: new FakeClock({ automatic: true }),
    random: () => 0.5,
    drain: new AbortController().signal,
    abort: new AbortController().signal,
    emit: (event) => events.push(event),
    ...options,
  });
  return { report, events };
}

/** How each node ended: id → status. */
export function statuses(report: ApplyReport): Readonly<Record<string, string>> {
  return Object.fromEntries(report.nodes.map(({ node, outcome }) => [node.id, outcome.status]));
}

/** Puts an agent into a world, running, and gives it as it is observed. */
export async function standing(world: MemoryWorld, create: CreateCall): Promise<ObservedResource> {
  const driver = createMemoryDriver({ world });
  const [made, started] = bringUp(create);
  await applyNodes([made, started], driver);
  return look(world, create);
}

/** An agent as it is observed now. */
export async function look(world: MemoryWorld, create: CreateCall): Promise<ObservedResource> {
  const signal = new AbortController().signal;
  const seen = await createMemoryDriver({ world }).inspect(
    { workspace, root },
    create.address,
    create.target.name,
    signal,
  );
  const observed = (seen.ok ? seen : ok(undefined)).value;
  if (!observed) throw new Error(`\`${create.target.name}\` is not there`);
  return observed;
}
