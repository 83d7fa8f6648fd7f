import { apply } from '../apply/apply.ts';
import type { ApplyDriver } from '../apply/ground.ts';
import { openJournal } from '../apply/journal.ts';
import { acquireLock, lockedDiagnostic, type WorkspaceLock } from '../apply/lock.ts';
import { templateOf } from '../model/address.ts';
import type { DriverName } from '../model/agent.ts';
import type { DesiredState } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplyEvent } from '../model/event.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { ApplyReport, NodeReport } from '../model/outcome.ts';
import { isEmptyPlan, type Call, type Plan } from '../model/plan.ts';
import type { ValueReader } from '../model/reference.ts';
import { systemClock } from '../util/clock.ts';
import { err, ok, type Result } from '../util/result.ts';
import { deadlineSignal } from '../util/deadline.ts';
import type { DriverSet } from './driver-set.ts';
import { recordOrigin } from './record-origin.ts';
import type { RevisionSource } from './revision-store.ts';
import { observeDeadline } from './observe-workspace.ts';

/** How an apply is to go. Durations are milliseconds. */
export interface ApplyRequest {
  readonly parallelism?: number;
  readonly failFast?: boolean;
  /** Instead of each verb's own deadline. */
  readonly callTimeout?: number;
  /** First Ctrl-C: start nothing new. */
  readonly drain: AbortSignal;
  /** Second Ctrl-C: abort what runs. */
  readonly abort: AbortSignal;
  readonly emit: (event: ApplyEvent) => void;
  /** The command line, for the journal. */
  readonly command: string;
  /** Where the agents of the plan come from; a manifest unless told. */
  readonly origin?: 'manifest' | 'run';
}

/** What an apply needs besides the plan. */
export interface ApplyGround {
  readonly drivers: DriverSet;
  readonly values: ValueReader;
  readonly stateFolder: string;
  /** What the plan was made from, for the history. */
  readonly source: RevisionSource;
  /** What the plan was made from, so that a failure can point at its line; a saved plan has lost it. */
  readonly templates?: DesiredState['templates'] | undefined;
}

/** Keeps other applies of the workspace off this machine; the error says who holds it, after `wait` milliseconds. */
export async function lockWorkspace(
  workspace: string,
  folder: string,
  command: string,
  patience: { readonly wait?: number; readonly signal?: AbortSignal } = {},
): Promise<Result<WorkspaceLock, Diagnostic>> {
  const lock = await acquireLock(folder, { ...patience, command, clock: systemClock });
  return lock.ok ? ok(lock.value) : err(lockedDiagnostic(workspace, folder, lock.error));
}

/** Carries a plan out and keeps a journal of it. The caller holds the workspace's lock. */
export async function applyPlan(plan: Plan, ground: ApplyGround, request: ApplyRequest): Promise<ApplyReport> {
  const { directory } = plan.scope;
  const origin = isEmptyPlan(plan) ? undefined : await recordOrigin(plan, ground.stateFolder, ground.source);
  await using journal = await openJournal(ground.stateFolder);
  const report = await apply(plan, {
    drivers: await driversOf(plan, ground.drivers),
    context: { root: directory, directory, origin: request.origin ?? 'manifest' },
    values: ground.values,
    clock: systemClock,
    random: Math.random,
    drain: request.drain,
    abort: request.abort,
    emit: request.emit,
    journal,
    command: request.command,
    ...(origin ? { origin } : {}),
    ...(request.parallelism === undefined ? {} : { parallelism: request.parallelism }),
    ...(request.failFast === undefined ? {} : { failFast: request.failFast }),
    ...(request.callTimeout === undefined ? {} : { deadlines: sameForAll(request.callTimeout) }),
  });
  return ground.templates ? located(report, ground.templates) : report;
}

/** The report with the line of every field that is at fault, where the manifests say it. */
function located(report: ApplyReport, templates: DesiredState['templates']): ApplyReport {
  const nodes = report.nodes.map((entry): NodeReport => {
    const { node, outcome } = entry;
    if (outcome.status !== 'failed' || outcome.error.field === undefined) return entry;
    const source = templates.get(templateOf(node.step.address))?.source.locate(outcome.error.field);
    return source ? { ...entry, outcome: { ...outcome, error: { ...outcome.error, source } } } : entry;
  });
  return { ...report, nodes };
}

/** The agents of the plan's workspace as they are now, on the drivers that the plan is about. */
export async function observeAgents(
  plan: Plan,
  drivers: DriverSet,
  signal: AbortSignal,
): Promise<readonly ObservedResource[]> {
  const context = { workspace: plan.workspace, root: plan.scope.directory };
  const interest = { images: [], paths: [], namePrefix: `${plan.workspace}-` };
  const found: ObservedResource[] = [];
  for (const name of new Set(plan.changes.map((change) => change.driver))) {
    const driver = await drivers.open(name);
    const observation = await driver?.observe(
      context,
      interest,
      AbortSignal.any([signal, deadlineSignal(observeDeadline)]),
    );
    if (observation?.ok) found.push(...observation.value.resources.filter((resource) => resource.kind === 'agent'));
  }
  return found;
}

async function driversOf(plan: Plan, drivers: DriverSet): Promise<ReadonlyMap<DriverName, ApplyDriver>> {
  const opened = new Map<DriverName, ApplyDriver>();
  for (const name of new Set(plan.nodes.map((node) => node.step.driver))) {
    const driver = await drivers.open(name);
    if (driver) opened.set(name, driver);
  }
  return opened;
}

function sameForAll(milliseconds: number): Readonly<Record<Call['verb'], number>> {
  return {
    pull: milliseconds,
    create: milliseconds,
    update: milliseconds,
    start: milliseconds,
    route: milliseconds,
    unroute: milliseconds,
    stop: milliseconds,
    remove: milliseconds,
  };
}
