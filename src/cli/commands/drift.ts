import { hasErrors } from '../../model/diagnostic.ts';
import { parseDriftRule, withoutIgnored, withoutKnown } from '../../plan/drift-filter.ts';
import { counted } from '../../report/text.ts';
import { ok } from '../../util/result.ts';
import { readBaseline, writeBaseline } from '../drift-baseline.ts';
import { driftEvents } from '../../runtime/drift-events.ts';
import { planWorkspace } from '../../runtime/plan-workspace.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { hideSensitive, printDiagnostics } from '../present.ts';
import { openReporter, type ReportOptions } from '../reporter.ts';

interface DriftOptions extends ReportOptions, Pick<CommonOptions, 'driver'> {
  readonly ignore?: readonly string[];
  readonly baseline?: string;
  readonly writeBaseline: boolean;
}

/** `aac drift`: what the world did since the last apply. Read-only. */
export async function drift(context: CommandContext, path: string, options: DriftOptions): Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  const reporter = await openReporter(context, options);
  if (!reporter.ok) {
    printDiagnostics(terminal, reporter.error, new Map());
    return exitCodes.failed;
  }
  const { baseline: file } = options;
  const isRead = file !== undefined && !options.writeBaseline;
  const baseline = isRead ? await readBaseline(surroundings.cwd, file) : ok(undefined);
  if (!baseline.ok) {
    printDiagnostics(terminal, baseline.error, new Map());
    return exitCodes.failed;
  }
  await using workspace = await openWorkspace(path, surroundings, { ...options, signal: interruption.drain });
  const { texts, project } = workspace.reading;
  hideSensitive(terminal, workspace.reading);
  const planned = await planWorkspace(workspace, { allowDelete: true }, interruption.drain);
  if (interruption.drain.aborted) return exitCodes.interrupted;
  if (!planned.ok) {
    await reporter.value.tell({ type: 'refusal', diagnostics: planned.error, workspace: project.workspace }, texts);
    return exitCodes.failed;
  }
  const found = planned.value.plan;
  const notIgnored = withoutIgnored(found.drift, (options.ignore ?? []).map(parseDriftRule));
  if (options.writeBaseline && options.baseline !== undefined) {
    await writeBaseline(surroundings.cwd, options.baseline, { workspace: project.workspace, drift: notIgnored });
    terminal.error(`${options.baseline} knows ${counted(notIgnored.length, 'resource')} that moved\n`);
    return exitCodes.ok;
  }
  const left = baseline.value ? withoutKnown(notIgnored, baseline.value) : notIgnored;
  if (left.length < found.drift.length) {
    const count = counted(found.drift.length - left.length, 'resource');
    terminal.error(`left out: ${count} that moved and are ignored or known to the baseline\n`);
  }
  const plan = { ...found, drift: left };
  const happened = await driftEvents(workspace, left, Date.now(), interruption.drain);
  await reporter.value.tell({ type: 'drift', plan, happened }, texts);
  if (plan.drift.length > 0) return exitCodes.pending;
  return hasErrors(plan.diagnostics) ? exitCodes.failed : exitCodes.ok;
}
