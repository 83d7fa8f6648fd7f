import { hasErrors, type Diagnostic } from '../../model/diagnostic.ts';
import { sparkWidth, usageJson, usageLines } from '../../report/usage-table.ts';
import { listAgents } from '../../runtime/list-agents.ts';
import { sampleWorkspace, type UsageSample } from '../../runtime/sample-usage.ts';
import { unknownAgents } from '../../runtime/select-agents.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { liveView } from '../live-view.ts';
import { hideSensitive, printDiagnostics, printRefusal, styleOf } from '../present.ts';

interface StatsOptions extends CommonOptions {
  readonly once: boolean;
  readonly interval: number;
  readonly path: string;
}

/** `aac stats`: what agents use, as long as somebody looks. Ctrl-C is the way out of it and no failure. */
export async function stats(
  context: CommandContext,
  names: readonly string[],
  options: StatsOptions,
): Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  await using workspace = await openWorkspace(options.path, surroundings, { signal: interruption.drain });
  const { reading } = workspace;
  hideSensitive(terminal, reading);
  const declared = reading.agents.map(({ name }) => name);
  const unknown =
    names.length === 0
      ? []
      : unknownAgents(names, (await listAgents(workspace, [], interruption.drain)).agents, declared);
  if (unknown.length > 0) {
    printRefusal(terminal, unknown, reading.texts, options.format);
    return exitCodes.failed;
  }
  const samples = sampleWorkspace(workspace, names, { interval: options.interval, signal: interruption.drain });
  const nothing = `nothing of ${reading.project.workspace} runs`;
  using view = options.format === 'text' ? showUsage(context, options, nothing) : showJson(context, options);
  let told = '';
  let code: ExitCode = exitCodes.ok;
  for await (const sample of samples) {
    told = tellOnce(sample.diagnostics, told, (found) => printDiagnostics(terminal, found, reading.texts));
    view.show(sample);
    code = hasErrors(sample.diagnostics) ? exitCodes.failed : exitCodes.ok;
    if (options.once) return code;
  }
  return code;
}

interface UsageViewer extends Disposable {
  show(sample: UsageSample): void;
}

function showJson({ terminal }: CommandContext, { once }: StatsOptions): UsageViewer {
  return {
    show: ({ at, agents }) => terminal.json(usageJson(at, agents), once ? 2 : undefined),
    [Symbol.dispose]: () => undefined,
  };
}

function showUsage({ terminal }: CommandContext, { once }: StatsOptions, nothing: string): UsageViewer {
  const view = liveView(terminal);
  const style = styleOf(terminal, 'out');
  let histories: ReadonlyMap<string, readonly number[]> = new Map();
  return {
    show: ({ agents }) => {
      histories = new Map(
        agents.map((row) => {
          const now = row.status === 'measured' && row.cores !== undefined ? [row.cores] : [];
          return [row.agent.ref, [...(histories.get(row.agent.ref) ?? []), ...now].slice(-sparkWidth)] as const;
        }),
      );
      if (agents.length === 0 && !view.inPlace) terminal.error(`${nothing}\n`);
      else if (agents.length === 0) view.show(() => [nothing]);
      else {
        const pictures = view.inPlace ? { pictures: true, ...(once ? {} : { histories }) } : { pictures: false };
        view.show(({ width }) => usageLines(agents, { style, width, ...pictures }));
      }
    },
    [Symbol.dispose]: () => view[Symbol.dispose](),
  };
}

/** Tells what is new and says the same no second time. */
function tellOnce(
  diagnostics: readonly Diagnostic[],
  before: string,
  tell: (found: readonly Diagnostic[]) => void,
): string {
  const now = diagnostics.map(({ message }) => message).join('\n');
  if (now !== before) tell(diagnostics);
  return now;
}
