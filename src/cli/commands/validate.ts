import { hasErrors } from '../../model/diagnostic.ts';
import { diagnosticsJson } from '../../report/diagnostics.ts';
import { counted } from '../../report/text.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { hideSensitive, printDiagnostics, withoutAdvice } from '../present.ts';

/** `aac validate`: every error of every file at once. */
export async function validate(context: CommandContext, path: string, options: CommonOptions): Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  await using workspace = await openWorkspace(path, surroundings, { ...options, signal: interruption.drain });
  const { reading } = workspace;
  const diagnostics = withoutAdvice(workspace.diagnostics);
  hideSensitive(terminal, reading);
  const invalid = hasErrors(diagnostics);
  if (options.format === 'json') {
    terminal.json(
      {
        workspace: reading.project.workspace,
        valid: !invalid,
        agents: reading.agents.map((agent) => agent.name),
        diagnostics: diagnosticsJson(diagnostics),
      },
      2,
    );
  } else {
    printDiagnostics(terminal, diagnostics, reading.texts);
    if (!invalid) terminal.out(`${counted(reading.agents.length, 'agent')} of ${reading.project.workspace}: valid\n`);
  }
  return invalid ? exitCodes.failed : exitCodes.ok;
}
