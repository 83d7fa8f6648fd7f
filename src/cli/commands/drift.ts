import { hasErrors } from '../../model/diagnostic.ts';
import { planWorkspace } from '../../runtime/plan-workspace.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import { driftJson, formatDrift } from '../../report/drift.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { ended, hideSensitive, printDiagnostics, printRefusal, styleOf } from '../present.ts';

/** `aac drift`: what the world did since the last apply. Read-only. */
export async function drift(context: CommandContext, path: string, options: CommonOptions): Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  await using workspace = await openWorkspace(path, surroundings, { ...options, signal: interruption.drain });
  const { texts } = workspace.reading;
  hideSensitive(terminal, workspace.reading);
  const planned = await planWorkspace(workspace, { allowDelete: true }, interruption.drain);
  if (interruption.drain.aborted) return exitCodes.interrupted;
  if (!planned.ok) {
    printRefusal(terminal, planned.error, texts, options.format);
    return exitCodes.failed;
  }
  const { plan } = planned.value;
  if (options.format === 'json') terminal.json(driftJson(plan), 2);
  else {
    const errors = plan.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
    printDiagnostics(terminal, errors, texts);
    terminal.out(ended(formatDrift(plan, { style: styleOf(terminal, 'out'), width: terminal.size().columns })));
  }
  if (plan.drift.length > 0) return exitCodes.pending;
  return hasErrors(plan.diagnostics) ? exitCodes.failed : exitCodes.ok;
}
