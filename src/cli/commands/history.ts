import { formatHistory, formatRevision, historyJson, revisionJson } from '../../report/history.ts';
import { storedRevisions } from '../../runtime/revision-store.ts';
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
  const revisions = workspace.history.revisions.slice(-options.limit);
  const kept = await storedRevisions(workspace.stateFolder);
  if (options.format === 'json') terminal.json(historyJson(revisions, kept), 2);
  else if (revisions.length === 0) {
    terminal.error(`nothing of ${workspace.reading.project.workspace} was applied from this machine yet\n`);
  } else terminal.out(formatHistory(revisions, { style: styleOf(terminal, 'out'), kept }));
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
  const found = workspace.history.revisions.find(({ revision }) => revision === asked);
  if (!found) {
    const message = `there is no revision ${String(asked)}`;
    const hint = '`aac history` lists the revisions';
    printRefusal(terminal, [{ code: 'unknown-revision', severity: 'error', message, hint }], new Map(), options.format);
    return exitCodes.failed;
  }
  const kept = await storedRevisions(workspace.stateFolder);
  if (options.format === 'json') terminal.json(revisionJson(found, kept), 2);
  else terminal.out(formatRevision(found, { style: styleOf(terminal, 'out'), kept }));
  return exitCodes.ok;
}
