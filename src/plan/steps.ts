import type { DesiredResource } from '../model/desired.ts';
import type { FieldPath } from '../model/field-path.ts';
import { isWithin, valueAt } from '../model/field-path.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { Call, NodeId, ObjectTarget } from '../model/plan.ts';
import { isRunning, versionOf } from '../model/version.ts';
import { compareCodeUnits } from '../util/compare.ts';
import type { Json } from '../util/json.ts';
import { isStarted, type Decision, type Removal } from './decision.ts';
import type { NodeGraph } from './graph.ts';
import { newestFirst } from './generations.ts';
import { comesUnrouted, losesNames } from './routing.ts';

/** The nodes of one address. */
export interface Steps {
  readonly decision: Decision;
  readonly create?: NodeId;
  readonly update?: NodeId;
  readonly start?: NodeId;
  /** The wait that proves the started agent: ready, or completed for a one-shot. */
  readonly ready?: NodeId;
  /** Its names are led to it. */
  readonly route?: NodeId;
  readonly removals: readonly RemovalSteps[];
}

/** The nodes that take one object away. `stop` only where it runs; `first` is the first of them. */
export interface RemovalSteps {
  readonly removal: Removal;
  readonly first: NodeId;
  readonly stop?: NodeId;
  readonly remove: NodeId;
}

/** Where no record says how long an agent may take to end: the manifest's own default. */
const defaultGracePeriod = 30_000;

/**
 * How long, in milliseconds, an object goes on answering without its names: who was led to it a moment before may have
 * to send the first packet of a connection a second time, which takes a second.
 */
const drainTime = 1_250;

/** What the nodes of one decision depend on besides. */
export interface StepContext {
  /** All decisions about the same template. */
  readonly peers: readonly Decision[];
  readonly waitTimeout: number | undefined;
}

/** Adds the nodes of one decision, each waiting for the one before it on the same object. */
export function addSteps(graph: NodeGraph, decision: Decision, { peers, waitTimeout }: StepContext): Steps {
  const { address, bringUp, cause } = decision;
  const removals = addRemovals(graph, decision, peers);
  if (bringUp.type === 'nothing') return { decision, removals };
  if (bringUp.type === 'create') {
    const { desired, target } = bringUp;
    const unrouted = comesUnrouted(decision, peers);
    const step: Call = { ...createCall(desired, target), ...(unrouted ? { unrouted } : {}) };
    const create = graph.add({ id: nodeId('create', address), step, cause });
    if (!isStarted(decision)) return { decision, create, removals };
    const start = graph.add({
      id: nodeId('start', address),
      step: { ...callBase(desired, target), verb: 'start' },
      cause,
    });
    graph.require(start, create);
    const ready = addReady(graph, decision, start, waitTimeout);
    if (!unrouted) return { decision, create, start, ready, removals };
    const route = graph.add({
      id: nodeId('route', address),
      step: { ...callBase(desired, target), verb: 'route' },
      cause,
    });
    graph.require(route, ready);
    return { decision, create, start, ready, route, removals };
  }
  const { object, desired } = bringUp;
  const steps: { update?: NodeId; start?: NodeId; ready?: NodeId; route?: NodeId } = {};
  if (bringUp.update && desired) {
    const step: Call = { ...objectBase(object), verb: 'update', fields: mutableValues(desired, object) };
    steps.update = graph.add({ id: nodeId('update', address), step, cause, precondition: versionOf(object) });
  }
  if (bringUp.start) {
    const step: Call = { ...objectBase(object), verb: 'start' };
    const precondition = steps.update === undefined ? { precondition: versionOf(object) } : {};
    steps.start = graph.add({ id: nodeId('start', address), step, cause, ...precondition });
    if (steps.update !== undefined) graph.require(steps.start, steps.update);
    steps.ready = addReady(graph, decision, steps.start, waitTimeout);
  }
  if (bringUp.route) {
    const before = steps.start ?? steps.update;
    const precondition = before === undefined ? { precondition: versionOf(object) } : {};
    const step: Call = { ...objectBase(object), verb: 'route' };
    steps.route = graph.add({ id: nodeId('route', address), step, cause, ...precondition });
    const ready = steps.ready ?? addWait(graph, decision, 'ready', waitTimeout);
    if (ready !== undefined) {
      steps.ready = ready;
      graph.require(steps.route, ready);
      if (before !== undefined) graph.require(ready, before);
    }
  }
  return { decision, ...steps, removals };
}

/** The wait for what stands or will stand at an address; made when it is first asked for. */
export function addWait(
  graph: NodeGraph,
  decision: Decision,
  until: 'started' | 'ready' | 'completed',
  waitTimeout: number | undefined,
): NodeId | undefined {
  const { address, desired, bringUp, cause } = decision;
  if (!desired || bringUp.type === 'nothing') return undefined;
  const id = nodeId(`wait ${until}`, address);
  if (graph.has(id)) return id;
  const base = bringUp.type === 'create' ? callBase(desired, bringUp.target) : objectBase(bringUp.object);
  const { check, minReady, deadline } = desired.template.readiness;
  return graph.add({
    id,
    step: {
      ...base,
      verb: 'wait',
      until,
      ...(check && until === 'ready' ? { check } : {}),
      minReady: until === 'ready' ? minReady : 0,
      deadline: waitTimeout ?? deadline,
    },
    cause,
  });
}

/** The wait for the end of what runs once; `undefined` where it has ended well already. */
export function addCompletion(
  graph: NodeGraph,
  { decision, start, update }: Steps,
  waitTimeout: number | undefined,
): NodeId | undefined {
  const { bringUp } = decision;
  if (bringUp.type === 'keep' && !bringUp.start && bringUp.object.phase === 'exited' && bringUp.object.exitCode === 0) {
    return undefined;
  }
  const wait = addWait(graph, decision, 'completed', waitTimeout);
  const before = start ?? update; // an update counts on finding it as it was
  if (wait !== undefined && before !== undefined) graph.require(wait, before);
  return wait;
}

/**
 * The wait for a start that lasts: an init starts also where it then finds no command. It is the wait for ready where
 * that asks for nothing more; `undefined` where nothing is started.
 */
export function addSteady(
  graph: NodeGraph,
  { decision, start, ready }: Steps,
  waitTimeout: number | undefined,
): NodeId | undefined {
  if (start === undefined) return undefined;
  const { check, oneShot, minReady } = decision.desired?.template.readiness ?? {};
  if (ready !== undefined && !check && !oneShot && !minReady) return ready;
  const wait = addWait(graph, decision, 'started', waitTimeout);
  if (wait !== undefined) graph.require(wait, start);
  return wait;
}

function addReady(graph: NodeGraph, decision: Decision, start: NodeId, waitTimeout: number | undefined): NodeId {
  const until = decision.desired?.template.readiness.oneShot ? 'completed' : 'ready';
  const wait = addWait(graph, decision, until, waitTimeout);
  if (wait === undefined) throw new Error(`nothing is there to wait for at \`${decision.address}\``);
  graph.require(wait, start);
  return wait;
}

function addRemovals(graph: NodeGraph, decision: Decision, peers: readonly Decision[]): readonly RemovalSteps[] {
  const { address, bringUp, removals } = decision;
  const isAlone = removals.length === 1 && bringUp.type === 'nothing';
  const suffixes = suffixesOf(removals.map(({ object }) => object));
  return removals.map((removal, index) => {
    const { object, cause } = removal;
    const subject = isAlone ? address : `${address} ${suffixes[index] ?? ''}`;
    const precondition = versionOf(object);
    const stops = isRunning(object);
    const remove = graph.add({
      id: nodeId('remove', subject),
      step: { ...objectBase(object), verb: 'remove' },
      cause,
      ...(stops ? {} : { precondition }),
    });
    if (!stops) return { removal, first: remove, remove };
    const unroutes = losesNames(decision, object, peers);
    const stop = graph.add({
      id: nodeId('stop', subject),
      step: { ...objectBase(object), verb: 'stop', gracePeriod: gracePeriodOf(object) },
      cause,
      ...(unroutes ? {} : { precondition }),
    });
    graph.require(remove, stop);
    const first = unroutes ? addUnroute(graph, removal, subject, stop) : stop;
    return { removal, first, stop, remove };
  });
}

/** Takes the names away and lets pass what was on its way, before `stop`. */
function addUnroute(graph: NodeGraph, { object, cause }: Removal, subject: string, stop: NodeId): NodeId {
  const base = objectBase(object);
  const unroute = graph.add({
    id: nodeId('unroute', subject),
    step: { ...base, verb: 'unroute' },
    cause,
    precondition: versionOf(object),
  });
  const drained = graph.add({
    id: nodeId('wait drained', subject),
    step: { ...base, verb: 'wait', until: 'drained', minReady: drainTime, deadline: 2 * drainTime },
    cause,
  });
  graph.require(drained, unroute);
  graph.require(stop, drained);
  return unroute;
}

/** `(generation 3)`; where two objects share a generation, which no rollout makes, what else tells them apart. */
export function suffixesOf(objects: readonly ObservedResource[]): readonly string[] {
  const ordered = newestFirst(objects);
  return objects.map((object) => {
    const { generation } = object.record;
    const twins = ordered.filter(({ record }) => record.generation === generation);
    const text = `generation ${String(generation)}`;
    if (twins.length === 1) return `(${text})`;
    const alone = twins.filter(({ driver }) => driver === object.driver).length === 1;
    return alone ? `(${text}, ${object.driver})` : `(${text}, ${object.driver}, ${String(twins.indexOf(object) + 1)})`;
  });
}

/** The id of the node that does `verb` to `subject`. */
export function nodeId(verb: string, subject: string): NodeId {
  return `${verb} ${subject}` as NodeId;
}

function callBase({ address, template }: DesiredResource, target: ObjectTarget) {
  return { address, driver: template.driver, kind: template.kind, target };
}

/** What a call on an object that stands begins with. */
export function objectBase({ address, driver, kind, name, record, ref }: ObservedResource) {
  const { generation, workspace } = record;
  const renamed = record.address === address ? {} : { address: record.address };
  return { address, driver, kind, target: { name, generation, ref, workspace, ...renamed } };
}

function createCall(desired: DesiredResource, target: ObjectTarget): Call {
  const { template, spec, specHash } = desired;
  return {
    ...callBase(desired, target),
    verb: 'create',
    spec,
    specHash,
    dependsOn: [...new Set(template.dependsOn.map(({ address }) => address))].sort(compareCodeUnits),
    protect: template.protect,
    manifest: template.manifest,
  };
}

/** All fields that change in place, as they are to be; those that are ignored as they are. */
function mutableValues({ template, spec }: DesiredResource, object: ObservedResource): Record<FieldPath, Json> {
  return Object.fromEntries(
    template.mutable.map(({ path }) => {
      const isIgnored = template.ignore.some((ancestor) => isWithin(path, ancestor));
      return [path, valueAt(isIgnored ? object.live : spec, path) ?? null];
    }),
  );
}

/** Milliseconds that the agent of an object may take to end. */
export function gracePeriodOf({ record }: ObservedResource): number {
  const recorded = valueAt(record.lastApplied, '/stop/gracePeriod' as FieldPath);
  return typeof recorded === 'number' ? recorded : defaultGracePeriod;
}
