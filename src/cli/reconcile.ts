import type { ProjectReading } from '../manifest/read-project.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import { isEmptyPlan, type Plan } from '../model/plan.ts';
import { formatRange } from '../model/source.ts';
import { planWorkspace } from '../runtime/plan-workspace.ts';
import { openWorkspace, type Workspace } from '../runtime/workspace.ts';
import type { SharedLock } from '../watch/shared-lock.ts';
import { carryOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { hideSensitive, printDiagnostics, printPlan, withoutAdvice } from './present.ts';

/** How one run ended; `again`: an engine did not answer, and may a moment later. */
export interface Reconciled {
  readonly exitCode: ExitCode;
  readonly again: boolean;
}

/** What a reconciler works with. */
export interface ReconcilerOptions {
  readonly path: string;
  readonly lock: SharedLock<Diagnostic>;
  /** Why an agent that has ended is not started by a run, where a supervisor sees to it. */
  readonly leave?: (agent: ObservedResource) => string | undefined;
}

/** Brings the world in line with the manifests, one run at a time. */
export interface Reconciler {
  run(): Promise<Reconciled>;
  /** The manifests as they were when they last were all valid. */
  lastGood(): ProjectReading | undefined;
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
  const failed = (diagnostics: readonly Diagnostic[]): Reconciled => ({
    exitCode: exitCodes.failed,
    again: diagnostics.some(({ code }) => code === 'driver-unreachable'),
  });

  async function run(): Promise<Reconciled> {
    const held = await options.lock.hold(signal);
    if (signal.aborted) return { exitCode: exitCodes.interrupted, again: false };
    if (!held.ok) {
      report([held.error], new Map());
      return failed([]);
    }
    await using _lock = held.value; // from here on nobody else changes what is read
    await using opened = await openWorkspace(options.path, surroundings, { signal });
    hideSensitive(terminal, opened.reading);
    const isBroken = opened.desired === undefined;
    if (isBroken) {
      report(opened.diagnostics, opened.reading.texts);
      if (!good) return failed([]);
    } else good = { reading: opened.reading, desired: opened.desired };
    const workspace: Workspace = isBroken ? { ...opened, ...good, diagnostics: [] } : opened;
    const { reading } = workspace;
    const planned = await planWorkspace(workspace, options.leave ? { leave: options.leave } : {}, signal);
    const diagnostics = planned.ok ? planned.value.plan.diagnostics : planned.error;
    if (!isBroken || hasErrors(diagnostics)) report(withoutAdvice(diagnostics), reading.texts);
    if (!planned.ok || hasErrors(diagnostics)) return failed(diagnostics);
    const { plan } = planned.value;
    const ended = isEmptyPlan(plan) ? exitCodes.ok : await apply(plan, workspace);
    return { exitCode: isBroken ? exitCodes.failed : ended, again: false };
  }

  async function apply(plan: Plan, { drivers, stateFolder, reading, desired }: Workspace): Promise<ExitCode> {
    printPlan(terminal, { ...plan, diagnostics: [] }, reading.texts, 'text');
    busy = new Set(
      plan.nodes.flatMap(({ step }) =>
        step.verb === 'wait' || step.target.ref === undefined ? [] : [step.target.ref],
      ),
    );
    try {
      const ground = { drivers, stateFolder, values: reading.values, templates: desired?.templates };
      return await carryOut(context, plan, ground, { format: 'text', failFast: false });
    } finally {
      busy = new Set();
    }
  }

  return { run, lastGood: () => good?.reading, isBusy: (ref) => busy.has(ref) };
}
