import { formatHistory, formatRevision, historyJson, revisionJson } from '../../report/history.ts';
import { findRevision, recordedRevisions } from '../../runtime/revision-store.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { hideSensitive, printRefusal, styleOf } from '../present.ts';

interface HistoryCommandOptions {
  readonly format: 'text' | 'json';
  readonly limit: number;
}

/** `aac history`: every apply of the workspace that did something, from this machine. */
export async function historyCommand(
  context: CommandContext,
  path: string,
  options: HistoryCommandOptions,
): Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  await using workspace = await openWorkspace(path, surroundings, { signal: interruption.drain });
  hideSensitive(terminal, workspace.reading);
  const recorded = await recordedRevisions(workspace.stateFolder, workspace.history.revisions);
  const revisions = recorded.slice(-options.limit);
  if (options.format === 'json') terminal.json(historyJson(revisions), 2);
  else if (revisions.length === 0) {
    terminal.error(`nothing of ${workspace.reading.project.workspace} was applied from this machine yet\n`);
  } else terminal.out(formatHistory(revisions, styleOf(terminal, 'out')));
  return exitCodes.ok;
}

/** `aac history show N`: one revision, whole. */
export async function showRevision(
  context: CommandContext,
  asked: number,
  options: { readonly path: string; readonly format: 'text' | 'json' },
): Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  await using workspace = await openWorkspace(options.path, surroundings, { signal: interruption.drain });
  hideSensitive(terminal, workspace.reading);
  const found = await findRevision(workspace.stateFolder, workspace.history.revisions, asked);
  if (!found.ok) {
    printRefusal(terminal, found.error, new Map(), options.format);
    return exitCodes.failed;
  }
  if (options.format === 'json') terminal.json(revisionJson(found.value), 2);
  else terminal.out(formatRevision(found.value, styleOf(terminal, 'out')));
  return exitCodes.ok;
}
