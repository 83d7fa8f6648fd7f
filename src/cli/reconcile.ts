import { randomUUID } from 'node:crypto';
import { readSuspension } from '../apply/suspension.ts';
import { writeWatchNotes } from '../apply/watch-notes.ts';
import { agentTemplate, templateOf, type TemplateAddress } from '../model/address.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { ApplyReport } from '../model/outcome.ts';
import { isEmptyPlan, type Plan } from '../model/plan.ts';
import { undeclaredManifest } from '../model/revision.ts';
import { manifestHashOf } from '../plan/manifest-hash.ts';
import { rollBackFailed, rollbackOrigin, type AutoRollback, type RolledBack } from '../runtime/auto-rollback.ts';
import { quarantineGuard } from '../runtime/quarantine-guard.ts';
import { openKeepingGood, type GoodTexts } from '../runtime/open-keeping-good.ts';
import { planWorkspace, type PlanRequest } from '../runtime/plan-workspace.ts';
import { openWorkspace, sourceOf, type Workspace } from '../runtime/workspace.ts';
import { systemClock } from '../util/clock.ts';
import { createAttempts } from '../watch/attempts.ts';
import { heldLines, waitingChange } from '../watch/held-lines.ts';
import { holdBack, type Held } from '../watch/hold.ts';
import { createRollbackNews, rollbackLines, rolledBackAgents } from '../watch/rollback-news.ts';
import type { SharedLock } from '../watch/shared-lock.ts';
import type { WatchSink } from '../watch/watch-event.ts';
import { windowState } from '../watch/windows.ts';
import { carryOutPlan, exitCodeOf } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { hideSensitive, printPlan, withoutAdvice } from './present.ts';
import { createRunNews } from './run-news.ts';
import {
  asOne,
  countActions,
  failuresOf,
  isDone,
  isSharedFailure,
  templatesOf,
  wantsBack,
  type Reconciled,
  type Run,
} from './run-result.ts';
import { policyOf } from './sync-policy.ts';

/** What a reconciler works with. */
export interface ReconcilerOptions {
  readonly path: string;
  readonly lock: SharedLock<Diagnostic>;
  /** Why an agent that has ended is not started by a run, where a supervisor sees to it. */
  readonly leave?: (agent: ObservedResource) => string | undefined;
  /** More that each run asks of its plan. */
  readonly request?: () => Pick<PlanRequest, 'exclude' | 'replace' | 'scale'>;
  readonly emit?: WatchSink;
  /** `false`: drift is told and not repaired, whatever the project says; likewise what nobody declares any more. */
  readonly heal?: boolean;
  readonly prune?: boolean;
  readonly ignoreWindows?: boolean;
  /** Says what it would do, and does nothing. */
  readonly dryRun?: boolean;
  /** A run is worth while at this time, milliseconds since the epoch; `undefined`: at none. */
  readonly wakeAt?: (time: number | undefined) => void;
}

/** Brings the world in line with the manifests, one run at a time. */
export interface Reconciler {
  run(reasons?: readonly string[]): Promise<Reconciled>;
  /** The desired state that is in force: the manifests as they are, and those that are broken as they last were. */
  inForce(): Pick<Workspace, 'reading' | 'desired' | 'history'> | undefined;
  /** Whether the run that goes on changes this object. */
  isBusy(ref: string): boolean;
  /** Tries at once what had failed. */
  forgetFailures(): void;
}

/**
 * A reconciler. Each run reads everything, plans, and applies what is not held back. What is wrong or waits is said
 * once, and again only when it changes. A manifest that is broken keeps its last good state, and the others go on.
 */
export function createReconciler(context: CommandContext, options: ReconcilerOptions): Reconciler {
  const { terminal, surroundings, interruption } = context;
  const signal = interruption.drain;
  const emit: WatchSink = options.emit ?? (() => undefined);
  const news = createRunNews(terminal, emit);
  const rollbackNews = createRollbackNews(emit);
  const attempts = createAttempts(() => systemClock.now(), Math.random);
  let good: GoodTexts = new Map();
  let inForce: Pick<Workspace, 'reading' | 'desired' | 'history'> | undefined;
  let busy: ReadonlySet<string> = new Set();

  const failed = (diagnostics: readonly Diagnostic[]): Run => ({
    exitCode: exitCodes.failed,
    again: diagnostics.some(({ code }) => code === 'driver-unreachable'),
    message: diagnostics.find(({ severity }) => severity === 'error')?.message ?? 'the run failed',
  });

  async function run(reasons: readonly string[] = []): Promise<Reconciled> {
    const began = systemClock.now();
    const id = randomUUID();
    emit({ type: 'run-started', run: id, reasons });
    const ended = await runOnce(id);
    const elapsed = systemClock.now() - began;
    const { exitCode, changed = {}, pending = 0, message = '', agents = [] } = ended;
    const back = ended.rolledBack ? { rolledBack: ended.rolledBack } : {};
    if (exitCode === exitCodes.ok) emit({ type: 'reconciled', run: id, elapsed, changed, pending, ...back });
    else if (!signal.aborted) emit({ type: 'failed', run: id, elapsed, message, agents, ...back });
    return ended;
  }

  async function runOnce(id: string): Promise<Run> {
    if (options.dryRun) return reconcile(id);
    const lock = await options.lock.hold(signal);
    if (signal.aborted) return { exitCode: exitCodes.interrupted, again: false };
    if (!lock.ok) {
      news.diagnostics([lock.error], new Map());
      return failed([lock.error]);
    }
    await using _lock = lock.value; // from here on nobody else changes what is read
    const ended = await reconcile(id);
    if (!ended.goesBack || signal.aborted) return ended;
    return asOne(ended, await reconcile(id));
  }

  async function reconcile(id: string): Promise<Run> {
    const opened = await openKeepingGood(
      (instead) => openWorkspace(options.path, surroundings, { signal, instead }),
      good,
    );
    await using own = opened.workspace;
    hideSensitive(terminal, own.reading);
    const { workspace: name } = own.reading.project;
    if (inForce && own.desired && name !== inForce.reading.project.workspace) {
      const renamed = renamedProject(inForce.reading.project.workspace, name);
      news.diagnostics([renamed], own.reading.texts);
      return failed([renamed]);
    }
    good = opened.good;
    const { broken } = opened;
    news.broken(broken, inForce !== undefined);
    if (own.desired) inForce = { reading: own.reading, desired: own.desired, history: own.history };
    if (!inForce) return failed(own.diagnostics);
    inForce = { ...inForce, history: own.history }; // the journal goes on, however the manifests are
    const declared: Workspace = { ...own, ...inForce, diagnostics: broken ? [] : own.diagnostics };
    const { workspace, rollbacks } = await rollBackFailed(declared);
    const planned = await planWhatMayBe(workspace, rollbacks, broken !== undefined);
    if (signal.aborted) return { exitCode: exitCodes.interrupted, again: false };
    if (!planned.ok) {
      news.diagnostics(withoutAdvice(planned.error), workspace.reading.texts);
      return failed(planned.error);
    }
    const { plan, wanted, held } = planned.value;
    const diagnostics = [...withoutAdvice(plan.diagnostics), ...held.faults];
    news.diagnostics(diagnostics, workspace.reading.texts);
    news.rollbacks(rollbacks);
    news.held(held.changes);
    news.drift(id, wanted.drift, held.changes);
    if (!options.dryRun) {
      await writeWatchNotes(own.stateFolder, {
        waiting: [...rollbackLines(rollbacks), ...heldLines(held.changes)],
        held: held.changes.map(waitingChange),
        rolledBack: rolledBackAgents(rollbacks),
      });
    }
    wakeFor(held);
    if (hasErrors(plan.diagnostics)) return failed(plan.diagnostics);
    const isSound = broken === undefined && held.faults.length === 0;
    const pending = held.changes.length;
    const message = broken ? 'a manifest is broken' : held.faults[0]?.message;
    const rolledBack = rolledBackAgents(rollbacks);
    const base = { exitCode: isSound ? exitCodes.ok : exitCodes.failed, again: false, pending, rolledBack };
    const ended: Run = message === undefined ? base : { ...base, message };
    if (options.dryRun) {
      news.wouldDo(plan, workspace.reading.texts);
      return ended;
    }
    const done = isEmptyPlan(plan) ? ended : await applyAndTell(id, plan, held, { workspace, rollbacks }, ended);
    rollbackNews.settle(id, rollbacks, new Set([...held.templates, ...templatesOf(done.agents ?? [])]));
    return done;
  }

  /** The plan of what may be done now, and what is held back of the one that is wanted. */
  async function planWhatMayBe(workspace: Workspace, rollbacks: readonly AutoRollback[], isBroken: boolean) {
    const { project } = workspace.reading;
    const now = systemClock.now();
    const policy = policyOf(options, {
      sync: project.sync,
      window: windowState(options.ignoreWindows ? [] : project.sync.windows, now),
      suspension: await readSuspension(workspace.stateFolder),
      isBroken,
      goesBack: (template) => rollbacks.some((each) => each.type === 'back' && each.template === template),
      quarantined: (template) => quarantineReason(workspace, template),
      failed: (agent, changes) => attempts.holds(agent, revisionOf(workspace, agent), changes),
    });
    let wanted: Plan | undefined;
    let held: Held = { templates: new Set(), prune: true, changes: [], faults: [] };
    const hold = (plan: Plan): Held => {
      wanted ??= plan;
      const more = holdBack(plan, policy);
      held = { ...more, changes: [...held.changes, ...more.changes], faults: [...held.faults, ...more.faults] };
      return more;
    };
    const { leave } = options;
    const planned = await planWorkspace(
      workspace,
      { ...options.request?.(), ...(leave ? { leave } : {}), hold },
      signal,
    );
    if (!planned.ok) return planned;
    const { plan } = planned.value;
    return { ok: true, value: { plan, wanted: wanted ?? plan, held } } as const;
  }

  async function applyAndTell(
    id: string,
    plan: Plan,
    held: Held,
    { workspace, rollbacks }: RolledBack,
    base: Run,
  ): Promise<Run> {
    const report = await apply(plan, workspace, rollbacks);
    attempts.settle(report, (agent) => revisionOf(workspace, agent));
    wakeFor(held);
    const agents = failuresOf(report);
    const failures = new Set(agents.map(({ address }) => address));
    const healed = plan.drift
      .map(({ address }) => address)
      .filter((address) => !failures.has(address) && plan.changes.some((change) => isDone(change, address)));
    if (report.status !== 'interrupted' && healed.length > 0) emit({ type: 'healed', run: id, addresses: healed });
    return {
      ...base,
      ...(report.status === 'succeeded' ? {} : { exitCode: exitCodeOf(report) }),
      again: report.nodes.some(isSharedFailure),
      changed: countActions(plan),
      agents,
      goesBack: report.status !== 'interrupted' && wantsBack(workspace, rollbacks, agents),
      ...(agents[0] ? { message: agents[0].message } : {}),
    };
  }

  async function apply(plan: Plan, workspace: Workspace, rollbacks: readonly AutoRollback[]): Promise<ApplyReport> {
    const { drivers, stateFolder, reading, desired } = workspace;
    printPlan(terminal, { ...plan, diagnostics: [] }, reading.texts, 'text');
    busy = new Set(
      plan.nodes.flatMap(({ step }) =>
        step.verb === 'wait' || step.target.ref === undefined ? [] : [step.target.ref],
      ),
    );
    try {
      const touched = new Set(plan.nodes.map(({ step }) => templateOf(step.address)));
      const asked = sourceOf(workspace);
      const source = typeof asked === 'string' ? asked : { ...asked, ...rollbackOrigin(rollbacks, touched) };
      const ground = { drivers, stateFolder, values: reading.values, templates: desired?.templates, source };
      return await carryOutPlan(context, plan, ground, { format: 'text', failFast: false });
    } finally {
      busy = new Set();
    }
  }

  /** At the earliest time at which something that is held back or has failed is due. */
  function wakeFor({ changes }: Held): void {
    const times = [...changes.map(({ reason }) => ('until' in reason ? reason.until : undefined)), attempts.nextAt()];
    const due = times.filter((time) => time !== undefined);
    options.wakeAt?.(due.length === 0 ? undefined : Math.min(...due));
  }

  return {
    run,
    inForce: () => inForce,
    isBusy: (ref) => busy.has(ref),
    forgetFailures: () => attempts.forget(),
  };
}

/** The lock, the memory and the supervisor of a watch are those of one workspace. */
function renamedProject(before: string, after: string): Diagnostic {
  return {
    code: 'invalid-value',
    severity: 'error',
    message: `the project is called \`${after}\` now, and this watch keeps \`${before}\` in sync`,
    hint: 'end the watch and begin it anew; `metadata.previousNames` has it take the agents along',
  };
}

/** Why the manifest of an agent is in quarantine, if it is: its rollout failed, or somebody went back from it. */
function quarantineReason({ desired, history }: Workspace, template: TemplateAddress): string | undefined {
  const entry = quarantineGuard(history.revisions, true).manifests.get(template);
  const declared = desired?.templates.get(template);
  return entry?.manifest === (declared ? manifestHashOf(declared) : undeclaredManifest) ? entry.why : undefined;
}

/** Another text for every change of what an agent's manifest comes to. */
function revisionOf({ desired }: Workspace, agent: string): string {
  const template = desired?.templates.get(agentTemplate(agent));
  return template ? manifestHashOf(template) : '';
}
