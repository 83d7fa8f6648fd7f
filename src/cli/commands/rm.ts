import { applyPlan, lockWorkspace } from '../../runtime/apply-plan.ts';
import { planRemoval } from '../../runtime/remove-runs.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { printDiagnostics, printFailure } from '../present.ts';
import { showProgress } from '../progress.ts';

/** `aac rm`: takes away what `aac run` started. */
export async function rm(
  context: CommandContext,
  names: readonly string[],
  options: { readonly force: boolean; readonly path: string },
): Promise<ExitCode> {
  const { terminal, surroundings, interruption, commandLine } = context;
  await using workspace = await openWorkspace(options.path, surroundings, { signal: interruption.drain });
  const { reading, drivers, stateFolder } = workspace;
  const patience = { wait: 30_000, signal: interruption.drain };
  const locked = await lockWorkspace(reading.project.workspace, stateFolder, commandLine, patience);
  if (!locked.ok) {
    printDiagnostics(terminal, [locked.error], reading.texts);
    return exitCodes.failed;
  }
  await using _lock = locked.value;
  const planned = await planRemoval(workspace, { names, force: options.force }, interruption.drain);
  if (!planned.ok) {
    printDiagnostics(terminal, planned.error, reading.texts);
    return exitCodes.failed;
  }
  using progress = showProgress(terminal, 'text');
  const report = await applyPlan(
    planned.value,
    { drivers, stateFolder, values: reading.values, source: 'run' },
    {
      drain: interruption.drain,
      abort: interruption.abort,
      emit: (event) => progress.show(event),
      command: commandLine,
    },
  );
  for (const { outcome } of report.nodes) if (outcome.status === 'failed') printFailure(terminal, outcome.error);
  if (report.status === 'interrupted') return exitCodes.interrupted;
  return report.status === 'succeeded' ? exitCodes.ok : exitCodes.failed;
}
