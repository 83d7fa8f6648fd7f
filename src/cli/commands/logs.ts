import { hasErrors } from '../../model/diagnostic.ts';
import { listAgents } from '../../runtime/list-agents.ts';
import { mergeLogs } from '../../runtime/merge-logs.ts';
import { agentLabel, openLogs } from '../../runtime/open-logs.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { hideSensitive, printDiagnostics, styleOf } from '../present.ts';

interface LogsOptions extends CommonOptions {
  readonly follow: boolean;
  readonly tail?: number;
  readonly path: string;
}

/** `aac logs`: what agents print, prefixed with whose line it is where there are several. */
export async function logs(context: CommandContext, names: readonly string[], options: LogsOptions): Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  await using workspace = await openWorkspace(options.path, surroundings, { signal: interruption.drain });
  hideSensitive(terminal, workspace.reading);
  const { agents, diagnostics } = await listAgents(workspace, names, interruption.drain);
  printDiagnostics(terminal, diagnostics, workspace.reading.texts);
  if (agents.length === 0) {
    const what = names.length > 0 ? `agent ${names.map((name) => `\`${name}\``).join(', ')}` : 'agent';
    terminal.error(`error: no ${what} of ${workspace.reading.project.workspace} has been started\n`);
    terminal.error('hint: `aac ps --all` lists those that have\n');
    return exitCodes.failed;
  }
  const style = styleOf(terminal, 'out');
  const colors = [style.cyan, style.green, style.yellow, style.magenta, style.blue];
  const labels = agents.map(agentLabel);
  const width = Math.max(...labels.map((label) => label.length));
  const prefixes = new Map(
    labels.map((label, index) => {
      const color = colors[index % colors.length] ?? ((text: string) => text);
      return [label, labels.length > 1 ? `${color(`${label.padEnd(width)} |`)} ` : ''] as const;
    }),
  );
  const sources = await openLogs(agents, workspace.drivers, options, interruption.drain);
  for await (const line of mergeLogs(sources)) {
    if (options.format === 'jsonl') terminal.json({ ...line });
    else terminal.out(`${prefixes.get(line.agent) ?? ''}${line.text}\n`);
  }
  return hasErrors(diagnostics) ? exitCodes.failed : exitCodes.ok;
}
