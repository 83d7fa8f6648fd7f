import { readSuspension } from '../apply/suspension.ts';
import { readSupervisions } from '../apply/supervision-files.ts';
import { agentTemplate, parseAddress, templateOf, type Address, type TemplateAddress } from '../model/address.ts';
import type { Agent } from '../model/agent.ts';
import type { DeleteLimit } from '../model/delete-limit.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource, ObservedState } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { ValueReader, ValueReference } from '../model/reference.ts';
import type { SourceMap } from '../model/source.ts';
import type { DeletionGuard } from '../plan/deletion-guard.ts';
import type { PlanFeature } from '../plan/fail-on.ts';
import { overlayRecorded } from '../plan/overlay.ts';
import { plan, type PlanOptions } from '../plan/plan.ts';
import { appliedSince } from '../plan/renames.ts';
import { err, ok, type Result } from '../util/result.ts';
import { deadlineSignal } from '../util/deadline.ts';
import { assumeRecordedKeys, secretsUnchecked } from './assume-secrets.ts';
import { observeWorkspace } from './observe-workspace.ts';
import { quarantineGuard } from './quarantine-guard.ts';
import { overlaySupervision } from './overlay-supervision.ts';
import { referenceStates } from './reference-states.ts';
import { suspensionNotes } from './suspension-notes.ts';
import type { Workspace } from './workspace.ts';

/** What a person asks a plan to be about. Names are agents', `web`, or replicas', `web/0`. */
export interface PlanRequest {
  readonly destroy?: { readonly volumes: boolean };
  /** Only these agents and what they depend on. */
  readonly targets?: readonly string[];
  /** Replace these even where nothing differs. */
  readonly replace?: readonly string[];
  /** Leave these as they are. */
  readonly exclude?: readonly string[];
  /** Instead of the project's `maxDelete`. */
  readonly maxDelete?: DeleteLimit;
  /** However many agents are deleted, somebody means it. */
  readonly allowDelete?: boolean;
  /** What makes the plan an error. */
  readonly failOn?: readonly PlanFeature[];
  /** Milliseconds, instead of each agent's own deadline for getting ready. */
  readonly waitTimeout?: number;
  /** Milliseconds for a look at the world, where that is to be less than usual. */
  readonly callTimeout?: number;
  /** Why an object that does not run is not to be started, though it is declared: somebody else sees to it. */
  readonly leave?: (object: ObservedResource) => string | undefined;
  /** Leave manifests in quarantine alone: for a watch. A person who plans is only told. */
  readonly respectQuarantine?: boolean;
  /**
   * What is to be left as it is of a plan: asked until it names nothing new. With it an error that is about one thing
   * alone, which is left as it is, does not keep the others from being planned.
   */
  readonly hold?: (plan: Plan) => PlanHold;
  /** How many replicas the autoscaler asks for. */
  readonly scale?: PlanOptions['scale'];
  /** `unchanged`: do not read secrets, for who may not; they count as unchanged. */
  readonly secrets?: 'read' | 'unchanged';
}

/** What is left as it is: these templates, and without `prune` what nobody declares. */
export interface PlanHold {
  readonly templates: ReadonlySet<TemplateAddress>;
  readonly prune: boolean;
}

/** A plan and the observation it was made from. Its diagnostics include those of the manifests. */
export interface PlannedWorkspace {
  readonly plan: Plan;
  readonly observed: ObservedState;
}

/**
 * Compares a workspace with what runs. There is no plan, only diagnostics, when a manifest is invalid, a driver cannot
 * be read, a name means nothing, or a secret or config is not to be had. Changes nothing anywhere.
 */
export async function planWorkspace(
  workspace: Workspace,
  request: PlanRequest,
  interruption: AbortSignal,
): Promise<Result<PlannedWorkspace, readonly Diagnostic[]>> {
  const { reading, desired, drivers, history } = workspace;
  if (!desired) return err(workspace.diagnostics);
  const { callTimeout } = request;
  const signal =
    callTimeout === undefined ? interruption : AbortSignal.any([interruption, deadlineSignal(callTimeout)]);
  const [seen, unread] = await Promise.all([
    observeWorkspace(reading.project, desired, history.drivers, drivers, signal),
    checkValues(workspace, request),
  ]);
  const supervisions = await readSupervisions(workspace.stateFolder);
  const recorded = overlayRecorded(seen.observed, history.updates);
  const observed = overlaySupervision(recorded, supervisions, workspace.watcher !== undefined);
  const unknown = unknownNames(request, workspace, observed);
  const suspended = request.hold ? [] : suspensionNotes(await readSuspension(workspace.stateFolder));
  const problems = [...seen.diagnostics, ...unread, ...unknown, ...suspended];
  const { hold } = request;
  if (hasErrors(hold ? [...seen.diagnostics, ...unknown] : problems))
    return err([...workspace.diagnostics, ...problems]);

  const asked = request.secrets === 'unchanged' ? assumeRecordedKeys(desired, observed) : desired;
  const options = await planOptions(workspace, request, observed);
  const { docker } = reading.project;
  const make = (held: PlanHold): Plan => {
    const made = plan(asked, observed, { ...options, held: held.templates, prune: held.prune });
    const told = problems.filter(({ address }) => address === undefined || !held.templates.has(templateOfAny(address)));
    const diagnostics = [...workspace.diagnostics, ...told, ...made.diagnostics];
    return { ...made, diagnostics, ...(docker ? { docker } : {}) };
  };
  return ok({ plan: hold ? planHolding(make, hold) : make(holdNothing), observed });
}

const holdNothing: PlanHold = { templates: new Set(), prune: true };

/** Ends, as more is held back with every turn. */
function planHolding(make: (held: PlanHold) => Plan, hold: (plan: Plan) => PlanHold): Plan {
  let held = holdNothing;
  for (;;) {
    const made = make(held);
    const more = hold(made);
    const templates = new Set([...held.templates, ...more.templates]);
    const prune = held.prune && more.prune;
    if (templates.size === held.templates.size && prune === held.prune) return made;
    held = { templates, prune };
  }
}

function templateOfAny(address: Address | TemplateAddress): TemplateAddress {
  return templateOf(address as Address);
}

/** What cannot be had of secrets and configs. What is destroyed needs none. */
async function checkValues({ reading }: Workspace, request: PlanRequest): Promise<readonly Diagnostic[]> {
  if (request.destroy) return [];
  if (request.secrets !== 'unchanged') return reading.checkReferences();
  const problems = await reading.checkReferences(['config']);
  return readsSecrets(reading.agents) ? [...problems, secretsUnchecked] : problems;
}

function readsSecrets(agents: readonly Agent[]): boolean {
  const isSecret = (value: string | ValueReference) => typeof value !== 'string' && value.from === 'secret';
  return agents.some(
    ({ environment, secrets, volumes }) =>
      secrets.length > 0 || volumes.some(({ type }) => type === 'secret') || Object.values(environment).some(isSecret),
  );
}

/** A reader that has nothing to say of secrets, so that none of them reads as changed. */
function withoutSecrets(values: ValueReader): ValueReader {
  return { read: async (reference) => (reference.from === 'secret' ? undefined : values.read(reference)) };
}

async function planOptions(
  { reading, desired, history }: Workspace,
  request: PlanRequest,
  observed: ObservedState,
): Promise<PlanOptions> {
  const selection = request.targets?.length
    ? { agents: new Set(request.targets.map(agentOf)), manifests: new Set<string>() }
    : reading.selection;
  const { source, maxDelete, quotas } = reading.project;
  const reader = request.secrets === 'unchanged' ? withoutSecrets(reading.values) : reading.values;
  const references = desired && !request.destroy ? await referenceStates(desired, observed, reader) : new Map();
  return {
    references,
    applied: desired ? appliedSince(history.applied, desired) : history.applied,
    forgotten: history.forgotten,
    quarantine: quarantineGuard(history.revisions, request.respectQuarantine ?? false),
    previousNames: reading.project.previousNames,
    quotas,
    ...(source ? { project: source } : {}),
    ...(selection ? { selection } : {}),
    ...(request.exclude ? { exclude: new Set(request.exclude.map(agentOf)) } : {}),
    ...(request.allowDelete ? {} : { deletions: deletionGuard(request, maxDelete, source) }),
    ...(request.failOn ? { failOn: new Set(request.failOn) } : {}),
    ...(request.destroy ? { destroy: request.destroy } : {}),
    ...(request.replace ? { replace: replicasOf(request.replace, observed) } : {}),
    ...(request.waitTimeout === undefined ? {} : { waitTimeout: request.waitTimeout }),
    ...(request.scale ? { scale: request.scale } : {}),
    ...(request.leave ? { left: leftAlone(observed, request.leave) } : {}),
  };
}

/** The limit of this one plan, else that of the project at its line. */
function deletionGuard(
  { maxDelete: asked }: PlanRequest,
  maxDelete: DeleteLimit | undefined,
  source: SourceMap | undefined,
): DeletionGuard {
  if (asked) return { limit: asked };
  return maxDelete ? { limit: maxDelete, ...(source ? { source } : {}) } : {};
}

function leftAlone(observed: ObservedState, leave: NonNullable<PlanRequest['leave']>): ReadonlyMap<string, string> {
  return new Map(
    [...observed.resources.values()].flat().flatMap((object) => {
      const why = leave(object);
      return why === undefined ? [] : [[object.ref, why] as const];
    }),
  );
}

/** The agent of a name that may be a replica's. */
function agentOf(name: string): string {
  return name.split('/')[0] ?? name;
}

/** `web` means all replicas of it that run, `web/0` that one. */
function replicasOf(names: readonly string[], observed: ObservedState): ReadonlySet<Address> {
  return new Set(
    [...observed.resources.keys()].filter((address) =>
      names.some((name) => address === `agent/${name}` || templateOf(address) === agentTemplate(name)),
    ),
  );
}

function unknownNames(request: PlanRequest, workspace: Workspace, observed: ObservedState): readonly Diagnostic[] {
  const known = new Set([
    ...workspace.reading.agents.map((agent) => agent.name),
    ...[...observed.resources.keys()].map((address) => parseAddress(address)?.name),
  ]);
  return [...(request.targets ?? []), ...(request.exclude ?? []), ...(request.replace ?? [])]
    .filter((name) => !known.has(agentOf(name)))
    .map((name) => ({
      code: 'unknown-agent',
      severity: 'error',
      message: `there is no agent \`${name}\` in workspace \`${workspace.reading.project.workspace}\``,
      hint: `agents are: ${workspace.reading.agents.map((agent) => agent.name).join(', ') || 'none'}`,
    }));
}
