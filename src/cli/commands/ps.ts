import { readSuspension } from '../../apply/suspension.ts';
import { readWatchNotes } from '../../apply/watch-notes.ts';
import { agentRow, agentsJson, byAddress, forgottenRow, formatAgents, missingRow } from '../../report/agents-table.ts';
import { hasErrors, type Diagnostic } from '../../model/diagnostic.ts';
import type { ObservedResource } from '../../model/observed.ts';
import { isRunning } from '../../model/version.ts';
import { isForgotten } from '../../runtime/forget.ts';
import { listAgents } from '../../runtime/list-agents.ts';
import { missingAgents } from '../../runtime/missing-agents.ts';
import { suspensionNotes } from '../../runtime/suspension-notes.ts';
import { watchOverview } from '../../runtime/watch-overview.ts';
import { openWorkspace, type Workspace } from '../../runtime/workspace.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { ended, hideSensitive, printDiagnostics, styleOf } from '../present.ts';
import type { AgentsLook } from '../watch-agents.ts';

interface PsOptions extends CommonOptions {
  readonly all: boolean;
  readonly watch: boolean;
}

/** `aac ps`: the agents that stand, whatever the manifests say of them, and with `--all` those that should. */
export async function ps(context: CommandContext, path: string, options: PsOptions): Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  await using workspace = await openWorkspace(path, surroundings, { signal: interruption.drain });
  hideSensitive(terminal, workspace.reading);
  if (options.watch) {
    const { watchAgents } = await import('../watch-agents.ts');
    return await watchAgents(context, workspace, options.format, () =>
      look(workspace, options.all, interruption.drain),
    );
  }
  const { rows, hidden, diagnostics } = await look(workspace, options.all, interruption.drain);
  const suspended = suspensionNotes(await readSuspension(workspace.stateFolder));
  printDiagnostics(
    terminal,
    [...diagnostics, ...suspended, ...(await heldByWatch(workspace))],
    workspace.reading.texts,
  );
  if (options.format === 'json') {
    const watch = await watchOverview(workspace, workspace.watcher !== undefined);
    terminal.json(agentsJson(rows, { watched: workspace.watcher !== undefined, ...watch }), 2);
  } else if (rows.length > 0) {
    terminal.out(ended(formatAgents(rows, { style: styleOf(terminal, 'out'), width: terminal.size().columns })));
  } else {
    terminal.error(`nothing of ${workspace.reading.project.workspace} runs`);
    terminal.error(hidden > 0 ? `; \`aac ps --all\` lists ${String(hidden)} that do not\n` : '\n');
  }
  return hasErrors(diagnostics) ? exitCodes.failed : exitCodes.ok;
}

async function look(workspace: Workspace, all: boolean, signal: AbortSignal): Promise<AgentsLook> {
  const { agents: listed, diagnostics } = await listAgents(workspace, [], signal);
  const now = Date.now();
  const forgotten = listed.filter((agent) => isForgotten(workspace, agent));
  const agents = listed.filter((agent) => !forgotten.includes(agent));
  const standing = agents.filter((agent) => all || isRunning(agent) || needsAttention(agent));
  // what could not be looked at is not missing
  const missing = hasErrors(diagnostics) ? [] : missingAgents(workspace, agents);
  const rows = [
    ...standing.map((agent) => agentRow(agent, now, agents)),
    ...(all ? missing.map(missingRow) : []),
    ...(all ? forgotten.map((agent) => forgottenRow(agent, now)) : []),
  ];
  return {
    rows: byAddress(rows),
    hidden: listed.length + missing.length - rows.length,
    diagnostics,
  };
}

/** How a container ends that was told to: nobody says whether it was. */
const codesOfStops: ReadonlySet<number | undefined> = new Set([0, 137, 143]);

/** Whether an agent that does not run ended in a way that somebody should look at: by itself, and badly. */
function needsAttention({ phase, exitCode, stopRequested, detail, supervision }: ObservedResource): boolean {
  if (phase === 'dead' || ['waiting', 'restarting', 'failed'].includes(supervision?.state.type ?? '')) return true;
  if (phase !== 'exited' || stopRequested) return false;
  return !codesOfStops.has(exitCode) || (exitCode !== 0 && detail !== undefined);
}

/** What the watch that runs holds back. */
async function heldByWatch({ watcher, stateFolder }: Workspace): Promise<readonly Diagnostic[]> {
  if (!watcher) return [];
  const { waiting } = await readWatchNotes(stateFolder);
  return waiting.map((message) => ({ code: 'waiting', severity: 'note', message }));
}
