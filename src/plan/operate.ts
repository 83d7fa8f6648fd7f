import { templateOf, type Address, type TemplateAddress } from '../model/address.ts';
import type { DesiredState, Readiness, ResourceTemplate } from '../model/desired.ts';
import type { ObservedResource } from '../model/observed.ts';
import { planFormatVersion, type Cause, type Change, type NodeId, type Plan } from '../model/plan.ts';
import { toAgentSpec } from '../model/spec.ts';
import { isRunning, versionOf } from '../model/version.ts';
import { groupBy } from '../util/group.ts';
import { digestOf } from './digest.ts';
import { newestFirst } from './generations.ts';
import { NodeGraph } from './graph.ts';
import { sortByAddress } from './order.ts';
import { gracePeriodOf, nodeId, objectBase, suffixesOf } from './steps.ts';

/** What people ask for by name, whatever the manifests say. Durations are milliseconds. */
export interface OperationOrder {
  readonly type: 'stop' | 'start' | 'restart';
  /** Between the stop signal and the kill, instead of each agent's own. */
  readonly gracePeriod?: number;
  /** For an agent to get ready, instead of each agent's own. */
  readonly waitTimeout?: number;
}

/** Where the operation takes place; `templates` as far as manifests could be read. */
export type OperationGround = Pick<DesiredState, 'workspace' | 'scope'> & {
  readonly templates?: ReadonlyMap<TemplateAddress, ResourceTemplate>;
};

const requested: Cause = { type: 'requested' };

/** Where nothing is declared for an agent, it has so long to get ready. */
const defaultDeadline = 600_000;

/**
 * The plan that stops, starts or restarts the given agents as they stand, and changes nothing else of them. Dependents
 * stop before what they were recorded to stand on, and start once that is ready.
 */
export function planOperation(
  order: OperationOrder,
  agents: readonly ObservedResource[],
  { workspace, scope, templates = new Map() }: OperationGround,
): Plan {
  const graph = new NodeGraph();
  const byAddress = groupBy(
    sortByAddress(agents, ({ address }) => address),
    ({ address }) => address,
  );
  const steps = [...byAddress.values()].map((objects) => addSteps(graph, order, newestFirst(objects), templates));
  orderSteps(graph, steps);
  const nodes = graph.toNodes();
  return {
    formatVersion: planFormatVersion,
    workspace,
    scope,
    digest: digestOf({ workspace, nodes }),
    changes: steps.map(({ change }) => change),
    drift: [],
    nodes,
    diagnostics: [],
  };
}

/** The nodes of one address. */
interface Steps {
  readonly address: Address;
  readonly dependsOn: readonly TemplateAddress[];
  readonly stops: readonly NodeId[];
  readonly start?: NodeId;
  readonly ready?: NodeId;
  readonly change: Change;
}

function addSteps(
  graph: NodeGraph,
  order: OperationOrder,
  objects: readonly ObservedResource[],
  templates: ReadonlyMap<TemplateAddress, ResourceTemplate>,
): Steps {
  const [newest] = objects;
  if (!newest) throw new Error('an address without an object');
  const { address, driver, record } = newest;
  // of several generations, which a rollout that was cut short leaves, all stop and only the newest starts
  const stops = order.type === 'start' ? [] : addStops(graph, order, order.type === 'stop' ? objects : [newest]);
  const starts = order.type === 'restart' || (order.type === 'start' && !isUp(newest));
  const brought = starts ? addStart(graph, order, newest, stops, templates.get(templateOf(address))?.readiness) : {};
  const acts = stops.length > 0 || starts;
  const change: Change = {
    address,
    driver,
    action: acts ? order.type : 'no-op',
    cause: requested,
    fields: [],
    notes: acts ? [] : [order.type === 'stop' ? 'it does not run' : 'it runs already'],
  };
  return { address, dependsOn: record.dependsOn, stops, ...brought, change };
}

function isUp({ phase }: ObservedResource): boolean {
  return phase === 'running' || phase === 'restarting';
}

function addStops(
  graph: NodeGraph,
  { gracePeriod }: OperationOrder,
  objects: readonly ObservedResource[],
): readonly NodeId[] {
  const running = objects.filter(isRunning);
  const suffixes = suffixesOf(running);
  return running.map((object, index) =>
    graph.add({
      id: nodeId('stop', running.length === 1 ? object.address : `${object.address} ${suffixes[index] ?? ''}`),
      step: { ...objectBase(object), verb: 'stop', gracePeriod: gracePeriod ?? gracePeriodOf(object) },
      cause: requested,
      precondition: versionOf(object),
    }),
  );
}

function addStart(
  graph: NodeGraph,
  { waitTimeout }: OperationOrder,
  object: ObservedResource,
  stops: readonly NodeId[],
  declared: Readiness | undefined,
): { readonly start: NodeId; readonly ready: NodeId } {
  const { check, oneShot, minReady, deadline } = declared ?? recordedReadiness(object);
  const base = objectBase(object);
  const start = graph.add({
    id: nodeId('start', object.address),
    step: { ...base, verb: 'start' },
    cause: requested,
    ...(stops.length > 0 ? {} : { precondition: versionOf(object) }),
  });
  for (const stop of stops) graph.require(start, stop);
  const until = oneShot ? 'completed' : 'ready';
  const ready = graph.add({
    id: nodeId(`wait ${until}`, object.address),
    step: {
      ...base,
      verb: 'wait',
      until,
      ...(check && !oneShot ? { check } : {}),
      minReady: oneShot ? 0 : minReady,
      deadline: waitTimeout ?? deadline,
    },
    cause: requested,
  });
  graph.require(ready, start);
  return { start, ready };
}

/** What the record of an agent nobody declares says of its getting ready. */
function recordedReadiness({ record }: ObservedResource): Readiness {
  const { healthCheck } = toAgentSpec(record.lastApplied);
  return { ...(healthCheck ? { check: healthCheck } : {}), oneShot: false, minReady: 0, deadline: defaultDeadline };
}

function orderSteps(graph: NodeGraph, all: readonly Steps[]): void {
  const byTemplate = groupBy(all, ({ address }) => templateOf(address));
  for (const { address, dependsOn, stops, start } of all) {
    const below = dependsOn
      .filter((template) => template !== templateOf(address))
      .flatMap((template) => byTemplate.get(template) ?? []);
    for (const other of below) {
      if (start !== undefined && other.ready !== undefined) graph.prefer(start, other.ready);
      for (const own of stops) for (const stop of other.stops) graph.prefer(stop, own);
    }
  }
}
