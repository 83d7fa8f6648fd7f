import { hasErrors } from '../../model/diagnostic.ts';
import { inspectionDocument } from '../../report/inspection.ts';
import { redactTexts } from '../../report/redact.ts';
import { inspectAgents } from '../../runtime/inspect-agents.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { hideSensitive, printDiagnostics } from '../present.ts';

/** `aac inspect`: what is asked for, what was applied, what runs, and what differs. */
export async function inspect(
  { terminal, surroundings, interruption }: CommandContext,
  names: readonly string[],
  { path, format }: { readonly path: string; readonly format: 'yaml' | 'json' },
): Promise<ExitCode> {
  await using workspace = await openWorkspace(path, surroundings, { signal: interruption.drain });
  const { reading } = workspace;
  hideSensitive(terminal, reading);
  const { agents, diagnostics } = await inspectAgents(workspace, names, interruption.drain);
  if (interruption.drain.aborted) return exitCodes.interrupted;
  printDiagnostics(terminal, diagnostics, reading.texts);
  const document = inspectionDocument(reading.project.workspace, agents);
  if (format === 'json') terminal.json(document, 2);
  else {
    const { stringify } = await import('yaml');
    const redacted = redactTexts(document, (text) => terminal.redacted(text));
    terminal.out(stringify(redacted, { lineWidth: 0, aliasDuplicateObjects: false }));
  }
  return hasErrors(diagnostics) ? exitCodes.failed : exitCodes.ok;
}
