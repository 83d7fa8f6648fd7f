import { hasErrors } from '../../model/diagnostic.ts';
import { formatGraph, graphJson } from '../../report/graph.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { hideSensitive, printDiagnostics } from '../present.ts';

/** `aac graph`: what the manifests declare and what of it waits for what. No engine is asked. */
export async function graph(
  { terminal, surroundings, interruption }: CommandContext,
  path: string,
  { format }: { readonly format: 'mermaid' | 'json' },
): Promise<ExitCode> {
  await using workspace = await openWorkspace(path, surroundings, { signal: interruption.drain });
  hideSensitive(terminal, workspace.reading);
  const { desired, diagnostics, reading } = workspace;
  printDiagnostics(
    terminal,
    diagnostics.filter(({ severity }) => severity === 'error'),
    reading.texts,
  );
  if (!desired || hasErrors(diagnostics)) return exitCodes.failed;
  if (format === 'json') terminal.json(graphJson(desired), 2);
  else terminal.out(formatGraph(desired));
  return exitCodes.ok;
}
