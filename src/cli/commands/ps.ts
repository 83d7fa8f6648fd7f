import { agentRow, agentsJson, formatAgents } from '../../report/agents-table.ts';
import { hasErrors } from '../../model/diagnostic.ts';
import { isRunning } from '../../model/version.ts';
import { listAgents } from '../../runtime/list-agents.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { ended, hideSensitive, printDiagnostics, styleOf } from '../present.ts';

/** `aac ps`: the agents that stand, whatever the manifests say of them. */
export async function ps(
  context: CommandContext,
  path: string,
  options: CommonOptions & { readonly all: boolean },
): Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  await using workspace = await openWorkspace(path, surroundings, { signal: interruption.drain });
  hideSensitive(terminal, workspace.reading);
  const { agents, diagnostics } = await listAgents(workspace, [], interruption.drain);
  printDiagnostics(terminal, diagnostics, workspace.reading.texts);
  const now = Date.now();
  const rows = agents
    .map((agent) => ({ shown: options.all || isRunning(agent), row: agentRow(agent, now) }))
    .flatMap(({ shown, row }) => (shown || row.supervision ? [row] : []));
  if (options.format === 'json') terminal.json(agentsJson(rows), 2);
  else if (rows.length > 0) {
    terminal.out(ended(formatAgents(rows, { style: styleOf(terminal, 'out'), width: terminal.size().columns })));
  } else {
    const stopped = agents.length - rows.length;
    terminal.error(`nothing of ${workspace.reading.project.workspace} runs`);
    terminal.error(stopped > 0 ? `; \`aac ps --all\` lists ${String(stopped)} that stopped\n` : '\n');
  }
  return hasErrors(diagnostics) ? exitCodes.failed : exitCodes.ok;
}
