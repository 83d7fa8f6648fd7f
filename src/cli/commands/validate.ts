import { hasErrors } from '../../model/diagnostic.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { hideSensitive, printDiagnostics, withoutAdvice } from '../present.ts';
import { openReporter, type ReportOptions } from '../reporter.ts';

type ValidateOptions = ReportOptions & Pick<CommonOptions, 'driver'>;

/** `aac validate`: every error of every file at once. */
export async function validate(context: CommandContext, path: string, options: ValidateOptions): Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  const reporter = await openReporter(context, options);
  if (!reporter.ok) {
    printDiagnostics(terminal, reporter.error, new Map());
    return exitCodes.failed;
  }
  await using workspace = await openWorkspace(path, surroundings, { ...options, signal: interruption.drain });
  const { reading } = workspace;
  const diagnostics = withoutAdvice(workspace.diagnostics);
  hideSensitive(terminal, reading);
  await reporter.value.tell(
    {
      type: 'validation',
      diagnostics,
      workspace: reading.project.workspace,
      agents: reading.agents.map((agent) => agent.name),
    },
    reading.texts,
  );
  return hasErrors(diagnostics) ? exitCodes.failed : exitCodes.ok;
}
