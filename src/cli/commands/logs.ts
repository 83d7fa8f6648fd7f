import { hasErrors } from '../../model/diagnostic.ts';
import type { LogLine } from '../../drivers/driver.ts';
import { formatLog, logLabels, logPrefixes } from '../../report/log-text.ts';
import { listAgents } from '../../runtime/list-agents.ts';
import { mergeLogs } from '../../runtime/merge-logs.ts';
import { openLogs, type AgentName, type LogRequest } from '../../runtime/open-logs.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import { systemClock } from '../../util/clock.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { hideSensitive, printDiagnostics, styleOf } from '../present.ts';
import type { Terminal } from '../terminal.ts';

interface LogsOptions extends CommonOptions {
  readonly follow: boolean;
  readonly tail?: number;
  readonly since?: number;
  readonly until?: number;
  readonly timestamps: boolean;
  readonly grep?: RegExp;
  readonly path: string;
}

/** `aac logs`: what agents print, prefixed with whose line it is where there are several. */
export async function logs(context: CommandContext, names: readonly string[], options: LogsOptions): Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  const { since = -Infinity, until = Infinity } = options;
  if (since > until) {
    terminal.error('error: `--since` is later than `--until`, and nothing lies between them\n');
    return exitCodes.failed;
  }
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
  const request: LogRequest = { ...options, timestamps: options.timestamps || options.format === 'jsonl' };
  const parts = { clock: systemClock, signal: interruption.drain, follow: options.follow };
  const opened = await openLogs(agents, workspace.drivers, request, parts);
  const sources = opened.logs.map(({ name }) => name);
  const labels = logLabels(sources);
  const print = options.format === 'jsonl' ? jsonPrinter(terminal, sources) : textPrinter(terminal, sources, options);
  let failed = hasErrors(diagnostics);
  for await (const news of mergeLogs(opened, parts)) {
    if (news.type === 'lines') await print(news.log, news.lines);
    else {
      terminal.error(`error: the log of \`${labels[news.log] ?? ''}\` cannot be read: ${news.error.message}\n`);
      failed = true;
    }
  }
  return failed ? exitCodes.failed : exitCodes.ok;
}

/** Prints lines of one of the logs, and waits until they are taken. */
type Printer = (log: number, lines: readonly LogLine[]) => Promise<void>;

function textPrinter(
  terminal: Terminal,
  names: readonly AgentName[],
  { timestamps }: Pick<LogsOptions, 'timestamps'>,
): Printer {
  const style = styleOf(terminal, 'out');
  const color = terminal.color.out;
  const prefixes = logPrefixes(names, style);
  return (log, lines) => terminal.write(formatLog(lines, { prefix: prefixes[log] ?? '', timestamps, style, color }));
}

function jsonPrinter(terminal: Terminal, names: readonly AgentName[]): Printer {
  return (log, lines) => {
    const documents = lines.map(({ stream, text, time }) => ({
      ...names[log],
      stream,
      ...(time === undefined ? {} : { time }),
      text,
    }));
    return terminal.writeJson(documents);
  };
}
