import { randomUUID } from 'node:crypto';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import { isEmptyPlan, type Change, type Plan } from '../model/plan.ts';
import type { ApplyReport } from '../model/outcome.ts';
import { formatRange } from '../model/source.ts';
import { planWorkspace, type PlanRequest } from '../runtime/plan-workspace.ts';
import { openWorkspace, type Workspace } from '../runtime/workspace.ts';
import { systemClock } from '../util/clock.ts';
import type { SharedLock } from '../watch/shared-lock.ts';
import type { WatchEvent, WatchSink } from '../watch/watch-event.ts';
import { carryOutPlan, exitCodeOf } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { hideSensitive, printDiagnostics, printPlan, withoutAdvice } from './present.ts';

/** How one run ended; `again`: an engine did not answer, and may a moment later. */
export interface Reconciled {
  readonly exitCode: ExitCode;
  readonly again: boolean;
}

type FailedAgents = Extract<WatchEvent, { readonly type: 'failed' }>['agents'];

/** A run with what there is to tell of it. */
interface Run extends Reconciled {
  readonly message?: string;
  readonly changed?: Readonly<Record<string, number>>;
  readonly agents?: FailedAgents;
}

/** What a reconciler works with. */
export interface ReconcilerOptions {
  readonly path: string;
  readonly lock: SharedLock<Diagnostic>;
  /** Why an agent that has ended is not started by a run, where a supervisor sees to it. */
  readonly leave?: (agent: ObservedResource) => string | undefined;
  /** More that each run asks of its plan. */
  readonly request?: () => Pick<PlanRequest, 'exclude' | 'replace'>;
  readonly emit?: WatchSink;
}

/** Brings the world in line with the manifests, one run at a time. */
export interface Reconciler {
  run(reasons?: readonly string[]): Promise<Reconciled>;
  /** The desired state that was last valid. */
  inForce(): Pick<Workspace, 'reading' | 'desired'> | undefined;
  /** Whether the run that goes on changes this object. */
  isBusy(ref: string): boolean;
}

/**
 * A reconciler. Each run reads everything, plans and applies. What is wrong is said once, and again only when it
 * changes; a manifest that is broken leaves the desired state that was last valid in force.
 */
export function createReconciler(context: CommandContext, options: ReconcilerOptions): Reconciler {
  const { terminal, surroundings, interruption } = context;
  const signal = interruption.drain;
  let reported = '';
  let good: Pick<Workspace, 'reading' | 'desired'> | undefined;
  let busy: ReadonlySet<string> = new Set();

  const report = (diagnostics: readonly Diagnostic[], texts: ReadonlyMap<string, string>): void => {
    const key = diagnostics.map((each) => `${each.range ? formatRange(each.range) : ''} ${each.message}`).join('\n');
    if (key === reported) return;
    printDiagnostics(terminal, diagnostics, texts);
    if (hasErrors(diagnostics) && good) terminal.error('what was valid last stays in force\n');
    reported = key;
  };
  const failed = (diagnostics: readonly Diagnostic[]): Run => ({
    exitCode: exitCodes.failed,
    again: diagnostics.some(({ code }) => code === 'driver-unreachable'),
    message: diagnostics.find(({ severity }) => severity === 'error')?.message ?? 'the run failed',
  });

  const emit: WatchSink = options.emit ?? (() => undefined);

  async function run(reasons: readonly string[] = []): Promise<Reconciled> {
    const began = systemClock.now();
    const id = randomUUID();
    emit({ type: 'run-started', run: id, reasons });
    const ended = await runOnce(id);
    const elapsed = systemClock.now() - began;
    if (ended.exitCode === exitCodes.ok) {
      emit({ type: 'reconciled', run: id, elapsed, changed: ended.changed ?? {}, pending: 0 });
    } else if (!signal.aborted) {
      emit({ type: 'failed', run: id, elapsed, message: ended.message ?? '', agents: ended.agents ?? [] });
    }
    return ended;
  }

  async function runOnce(id: string): Promise<Run> {
    const held = await options.lock.hold(signal);
    if (signal.aborted) return { exitCode: exitCodes.interrupted, again: false };
    if (!held.ok) {
      report([held.error], new Map());
      return failed([held.error]);
    }
    await using _lock = held.value; // from here on nobody else changes what is read
    await using opened = await openWorkspace(options.path, surroundings, { signal });
    hideSensitive(terminal, opened.reading);
    const isBroken = opened.desired === undefined;
    if (isBroken) {
      report(opened.diagnostics, opened.reading.texts);
      if (!good) return failed(opened.diagnostics);
    } else good = { reading: opened.reading, desired: opened.desired };
    const workspace: Workspace = isBroken ? { ...opened, ...good, diagnostics: [] } : opened;
    const { reading } = workspace;
    const request = {
      respectQuarantine: true,
      ...options.request?.(),
      ...(options.leave ? { leave: options.leave } : {}),
    };
    const planned = await planWorkspace(workspace, request, signal);
    const diagnostics = planned.ok ? planned.value.plan.diagnostics : planned.error;
    if (!isBroken || hasErrors(diagnostics)) report(withoutAdvice(diagnostics), reading.texts);
    if (!planned.ok || hasErrors(diagnostics)) return failed(diagnostics);
    const { plan } = planned.value;
    if (plan.drift.length > 0) emit({ type: 'drift', run: id, drift: plan.drift, heals: true });
    if (isEmptyPlan(plan)) return { exitCode: isBroken ? exitCodes.failed : exitCodes.ok, again: false };
    const applied = await apply(plan, workspace);
    const agents = failuresOf(applied);
    const failures = new Set(agents.map(({ address }) => address));
    const healed = plan.drift.map(({ address }) => address).filter((address) => !failures.has(address));
    if (applied.status !== 'interrupted' && healed.length > 0) emit({ type: 'healed', run: id, addresses: healed });
    return {
      exitCode: isBroken ? exitCodes.failed : exitCodeOf(applied),
      again: false,
      changed: countBy(plan.changes.filter(({ action }) => action !== 'no-op')),
      agents,
      message: agents[0]?.message ?? 'a manifest is broken',
    };
  }

  async function apply(plan: Plan, { drivers, stateFolder, reading, desired }: Workspace): Promise<ApplyReport> {
    printPlan(terminal, { ...plan, diagnostics: [] }, reading.texts, 'text');
    busy = new Set(
      plan.nodes.flatMap(({ step }) =>
        step.verb === 'wait' || step.target.ref === undefined ? [] : [step.target.ref],
      ),
    );
    try {
      const source = desired ? { source: { desired, sensitive: reading.sensitive } } : {};
      const ground = { drivers, stateFolder, values: reading.values, templates: desired?.templates, ...source };
      return await carryOutPlan(context, plan, ground, { format: 'text', failFast: false });
    } finally {
      busy = new Set();
    }
  }

  return { run, inForce: () => good, isBusy: (ref) => busy.has(ref) };
}

function failuresOf({ nodes }: ApplyReport): FailedAgents {
  return nodes.flatMap(({ node, outcome }) =>
    outcome.status === 'failed' ? [{ address: node.step.address, message: outcome.error.message }] : [],
  );
}

function countBy(changes: readonly Change[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { action } of changes) counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}
