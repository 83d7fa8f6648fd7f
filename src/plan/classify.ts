import type { Address, TemplateAddress } from '../model/address.ts';
import type { DriverName } from '../model/agent.ts';
import type { DesiredResource } from '../model/desired.ts';
import { fieldPath } from '../model/field-path.ts';
import type { Facts, ObservedResource } from '../model/observed.ts';
import type { ApprovalReason, Cause, Drift, FieldDiff, ObjectTarget } from '../model/plan.ts';
import { agentObjectName, sharedObjectName } from '../model/name.ts';
import { toAgentSpec } from '../model/spec.ts';
import { isRunning } from '../model/version.ts';
import type { BringUp, Decision, Removal } from './decision.ts';
import { compareThreeWays, type Comparison } from './diff.ts';
import { chooseCurrent } from './generations.ts';
import type { PlanOptions } from './options.ts';
import { notRestarting, unmanagedVolume } from './remarks.ts';
import type { Scaling } from './replicas.ts';

/** What a decision about one address depends on besides what is asked for and what stands there. */
export interface Circumstances {
  readonly workspace: string;
  readonly facts: ReadonlyMap<DriverName, Facts>;
  readonly options: PlanOptions;
  /** The networks and volumes that this plan replaces. */
  readonly replaced: ReadonlyMap<TemplateAddress, Address>;
  /** How the number of replicas of what is asked for changes. */
  readonly scaling?: Scaling;
  /** The highest replica that stands of each template. */
  readonly highest: ReadonlyMap<TemplateAddress, number>;
}

/** Decides what becomes of a declared address: the three-way comparison, whether it runs, what it stands on. */
export function decide(
  desired: DesiredResource,
  objects: readonly ObservedResource[],
  circumstances: Circumstances,
): Decision {
  const { workspace } = circumstances;
  const choice = chooseCurrent(desired, objects);
  const keepsOld = desired.template.kind === 'volume';
  // A volume is never given up for a rename or a move: its data stays where it is, and is named.
  const current = keepsOld && choice.current?.record.workspace !== workspace ? undefined : choice.current;
  const others = objects.filter((object) => object !== current);
  const base = {
    address: desired.address,
    kind: desired.template.kind,
    driver: desired.template.driver,
    desired,
    stopFirst: objects.some((object) => replacedDependency(desired, object, circumstances.replaced) !== undefined),
    notes: [],
    removals: keepsOld ? [] : others.map((object) => leftover(object, desired)),
    diagnostics: keepsOld ? others.map((object) => unmanagedVolume(object, false)) : [],
  };
  return current
    ? decideStanding({ ...base, current }, choice.nextGeneration, circumstances)
    : decideAbsent(base, choice.nextGeneration, circumstances);
}

type Basis = Pick<Decision, 'address' | 'kind' | 'driver' | 'stopFirst' | 'notes' | 'removals' | 'diagnostics'> & {
  readonly desired: DesiredResource;
};

/** Nothing stands there that could be kept. */
function decideAbsent(basis: Basis, generation: number, circumstances: Circumstances): Decision {
  const { address, driver, desired, removals } = basis;
  const wasApplied = circumstances.options.applied?.has(address) ?? false;
  const bringUp = creation(desired, generation, circumstances.workspace);
  const [first] = removals;
  if (first) {
    const phase = first.object.phase;
    const cause: Cause =
      removals.find((removal) => removal.cause.type === 'driver-changed')?.cause ??
      ({ type: 'not-running', phase } as const);
    return { ...basis, bringUp, action: 'replace', cause, fields: [], drift: [] };
  }
  const drift: readonly Drift[] = wasApplied ? [{ address, driver, type: 'missing', fields: [] }] : [];
  const rerun = wasApplied && desired.template.readiness.oneShot && basis.kind === 'agent';
  return {
    ...basis,
    bringUp,
    action: 'create',
    cause: wasApplied ? { type: 'missing' } : (scalingOf(desired, circumstances) ?? { type: 'declared' }),
    fields: [],
    drift,
    ...(rerun ? { approval: { type: 'rerun' } as const } : {}),
  };
}

/** The autoscaler's words for a replica that there would not be without it, or that the manifest asks for more. */
function scalingOf({ index, template }: DesiredResource, { scaling, highest }: Circumstances): Cause | undefined {
  if (scaling && index >= scaling.from) return scaling;
  const isMore = template.replicas.type === 'fixed' && index > (highest.get(template.address) ?? Infinity);
  return isMore ? { type: 'scaled-up' } : undefined;
}

/** Something stands there: it is replaced, or kept and put right. */
function decideStanding(
  basis: Basis & { readonly current: ObservedResource },
  generation: number,
  circumstances: Circumstances,
): Decision {
  const { desired, current, removals: leftovers } = basis;
  const { options } = circumstances;
  const comparison = compareThreeWays(desired, current, options.references?.get(desired.address));
  const drift = driftOf(desired, current, comparison, leftovers);
  const dependency = replacedDependency(desired, current, circumstances.replaced);
  const fields = [...comparison.fields, ...renaming(current, circumstances.workspace)];
  const forced = forcedCause(desired, current, { ...comparison, fields }, circumstances, dependency);
  if (forced) {
    const approval: ApprovalReason | undefined = basis.kind === 'volume' ? { type: 'data-loss' } : undefined;
    return {
      ...basis,
      bringUp: creation(desired, generation, circumstances.workspace),
      removals: [{ object: current, cause: forced }, ...leftovers],
      action: 'replace',
      cause: forced,
      fields,
      drift,
      ...(approval ? { approval } : {}),
    };
  }
  const update = fields.length > 0;
  const left = options.left?.get(current.ref);
  // A manifest that moved may be what helps, so it is tried at once.
  const start = hasToStart(desired, current) && (update || left === undefined);
  const route = current.routed === false && (start || isRunning(current));
  const bringUp: BringUp = { type: 'keep', desired, object: current, update, start, route };
  const diagnostics =
    current.phase === 'restarting' ? [...basis.diagnostics, notRestarting(desired, current)] : basis.diagnostics;
  const notes = !start && left !== undefined ? [...basis.notes, left] : basis.notes;
  return {
    ...basis,
    bringUp,
    fields,
    drift,
    diagnostics,
    notes,
    ...keptAction(bringUp, fields, leftovers),
  };
}

function keptAction(
  { update, start, route, object: current }: Extract<BringUp, { readonly type: 'keep' }>,
  fields: readonly FieldDiff[],
  leftovers: readonly Removal[],
): Pick<Decision, 'action' | 'cause'> {
  if (update) return { action: 'update', cause: { type: fieldCause(fields) } };
  const [first] = leftovers;
  // What stands is right already; the rollout that brought it is brought to its end.
  if (first) return { action: 'replace', cause: first.cause };
  if (start) return { action: 'start', cause: notRunning(current) };
  if (route) return { action: 'update', cause: { type: 'unrouted' } };
  return { action: 'no-op', cause: { type: 'declared' } };
}

/** Why the object cannot be kept, if it cannot. What the manifest says comes first, what was merely asked for last. */
function forcedCause(
  desired: DesiredResource,
  current: ObservedResource,
  { fields, onlyReferences }: Pick<Comparison, 'fields' | 'onlyReferences'>,
  { facts, options }: Circumstances,
  dependency: Address | undefined,
): Cause | undefined {
  const forcing = fields.filter((field) => field.forcesReplacement);
  if (forcing.some((field) => field.origin === 'change')) {
    return { type: onlyReferences ? 'reference-changed' : 'changed' };
  }
  if (forcing.length > 0) return { type: fieldCause(forcing) };
  const image = movedImage(desired, current, facts);
  if (image !== undefined) return { type: 'image-moved', image };
  if (current.phase === 'dead') return notRunning(current);
  if (dependency !== undefined) return { type: 'dependency-replaced', dependency };
  return options.replace?.has(desired.address) ? { type: 'requested' } : undefined;
}

function fieldCause(fields: readonly FieldDiff[]): 'changed' | 'drifted' | 'unknown' {
  if (fields.some((field) => field.origin === 'change')) return 'changed';
  return fields.some((field) => field.origin === 'drift') ? 'drifted' : 'unknown';
}

function notRunning({ phase, exitCode, detail }: ObservedResource): Cause {
  return {
    type: 'not-running',
    phase,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(detail === undefined ? {} : { detail }),
  };
}

/** What has exited 0 and is not to run `always` is done; everything else that does not run is started. */
function hasToStart(desired: DesiredResource, current: ObservedResource): boolean {
  if (desired.template.kind !== 'agent') return false;
  const { phase } = current;
  return phase === 'created' || phase === 'paused' || (phase === 'exited' && !isDone(desired, current));
}

function isDone({ spec }: DesiredResource, { phase, exitCode }: ObservedResource): boolean {
  return phase === 'exited' && exitCode === 0 && toAgentSpec(spec).restartPolicy.name !== 'always';
}

function movedImage(
  { template }: DesiredResource,
  { imageId }: ObservedResource,
  facts: Circumstances['facts'],
): string | undefined {
  if (!template.image || imageId === undefined) return undefined;
  const named = facts.get(template.driver)?.images.get(template.image.name);
  return typeof named === 'string' && named !== imageId ? template.image.name : undefined;
}

function replacedDependency(
  { template }: DesiredResource,
  { record }: ObservedResource,
  replaced: Circumstances['replaced'],
): Address | undefined {
  if (replaced.size === 0) return undefined;
  const dependencies = [...template.dependsOn.map(({ address }) => address), ...record.dependsOn];
  return dependencies.map((address) => replaced.get(address)).find((address) => address !== undefined);
}

/** Objects carry their workspace's name, so those of a renamed one are made anew. */
function renaming({ record }: ObservedResource, workspace: string): readonly FieldDiff[] {
  if (record.workspace === workspace) return [];
  const [before, after] = [record.workspace, workspace];
  return [{ path: fieldPath('workspace'), origin: 'change', before, after, forcesReplacement: true }];
}

/** Nobody has stopped what a rollout did not get ready: as long as its predecessor stands, that it ended is no drift. */
function driftOf(
  desired: DesiredResource,
  current: ObservedResource,
  { drift }: Comparison,
  leftovers: readonly Removal[],
): readonly Drift[] {
  const { address, driver } = current;
  const image = drift.some((field) => field.path === fieldPath('image'));
  const stopped = current.phase === 'paused' || current.phase === 'dead' || current.phase === 'exited';
  const ended = desired.template.kind === 'agent' && isDone(desired, current);
  const done = ended || (desired.template.readiness.oneShot && current.phase === 'exited');
  return [
    ...(drift.length > 0 ? [{ address, driver, type: image ? 'image-moved' : 'fields', fields: drift } as const] : []),
    ...(stopped && !done && !leftovers.some(({ cause }) => cause.type === 'superseded')
      ? [{ address, driver, type: 'not-running', fields: [] } as const]
      : []),
  ];
}

function creation(desired: DesiredResource, generation: number, workspace: string): BringUp {
  const { address, specHash, template } = desired;
  const name =
    template.kind === 'agent'
      ? agentObjectName(workspace, address, specHash, generation)
      : sharedObjectName(workspace, address);
  const target: ObjectTarget = { name, generation };
  return { type: 'create', desired, target };
}

function leftover(object: ObservedResource, { template }: DesiredResource): Removal {
  const cause: Cause =
    object.driver === template.driver
      ? { type: 'superseded' }
      : { type: 'driver-changed', from: object.driver, to: template.driver };
  return { object, cause };
}
