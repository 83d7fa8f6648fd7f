import { hasErrors } from '../../model/diagnostic.ts';
import { planWorkspace } from '../../runtime/plan-workspace.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { hideSensitive, printDiagnostics } from '../present.ts';
import { openReporter, type ReportOptions } from '../reporter.ts';

type DriftOptions = ReportOptions & Pick<CommonOptions, 'driver'>;

/** `aac drift`: what the world did since the last apply. Read-only. */
export async function drift(context: CommandContext, path: string, options: DriftOptions): Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  const reporter = await openReporter(context, options);
  if (!reporter.ok) {
    printDiagnostics(terminal, reporter.error, new Map());
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
  const { plan } = planned.value;
  await reporter.value.tell({ type: 'drift', plan }, texts);
  if (plan.drift.length > 0) return exitCodes.pending;
  return hasErrors(plan.diagnostics) ? exitCodes.failed : exitCodes.ok;
}
