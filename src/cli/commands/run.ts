import type { ApplyGround } from '../../runtime/apply-plan.ts';
import { applyPlan, lockWorkspace } from '../../runtime/apply-plan.ts';
import type { AttachOrder } from '../../drivers/driver.ts';
import type { ApplyEvent } from '../../model/event.ts';
import { formatStarted, startedJson } from '../../report/started.ts';
import { planRun, type PlannedRun, type RunRequest } from '../../runtime/plan-run.ts';
import { planCleanup } from '../../runtime/remove-runs.ts';
import { startRun, type FailedStart, type RunEnd, type StartedRun } from '../../runtime/run-agent.ts';
import { openWorkspace, type Workspace } from '../../runtime/workspace.ts';
import { assertNever } from '../../util/assert-never.ts';
import type { Result } from '../../util/result.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { hideSensitive, printDiagnostics, printFailure, styleOf, withoutAdvice } from '../present.ts';
import { showProgress, type Progress } from '../progress.ts';
import { createGate, stayWith } from '../run-session.ts';
import type { Terminal } from '../terminal.ts';

/** Cleaning up is not interrupted: every call of it has a deadline. */
const never = new AbortController().signal;

/** Milliseconds to wait for another aac that works on the workspace. */
const patienceOfRun = 30_000;

/** The options of `aac run`, as commander hands them over. */
export interface RunOptions {
  readonly name?: string;
  readonly detach: boolean;
  readonly interactive: boolean;
  readonly tty: boolean;
  readonly rm: boolean;
  readonly publish?: readonly string[];
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
  readonly volume?: readonly string[];
  readonly label?: readonly string[];
  readonly network?: string;
  readonly memory?: string;
  readonly cpus?: string;
  readonly user?: string;
  readonly workdir?: string;
  readonly entrypoint?: string;
  readonly pull: 'missing' | 'always' | 'never';
  readonly restart?: 'no' | 'on-failure' | 'always';
  readonly stopSignal?: string;
  readonly stopTimeout?: string;
  readonly quiet: boolean;
  readonly driver?: 'docker' | 'process';
  readonly path: string;
  readonly format: 'text' | 'json';
}

/** `aac run`: one agent without a file. Ends with its exit code, or 125, 126, 127 as docker does. */
export async function run(context: CommandContext, words: readonly string[], options: RunOptions): Promise<number> {
  const { terminal, surroundings, streams, interruption } = context;
  const refusal = refuse(options, streams.isTerminal.input);
  if (refusal !== undefined) {
    terminal.error(`error: ${refusal}\n`);
    return exitCodes.notRun;
  }
  await using workspace = await openWorkspace(options.path, surroundings, { signal: interruption.drain });
  const planned = await planRun(workspace, options.path, requestOf(words, options), surroundings, interruption.drain);
  if (interruption.drain.aborted) return exitCodes.interrupted;
  if (!planned.ok) {
    printDiagnostics(terminal, planned.error.diagnostics, planned.error.texts);
    return exitCodes.notRun;
  }
  const { reading, plan } = planned.value;
  hideSensitive(terminal, reading);
  if (!options.quiet) printDiagnostics(terminal, withoutAdvice(plan.diagnostics), reading.texts);
  return options.detach
    ? await runDetached(context, workspace, planned.value, options)
    : await runAttached(context, workspace, planned.value, options);
}

async function runDetached(
  context: CommandContext,
  workspace: Workspace,
  planned: PlannedRun,
  options: RunOptions,
): Promise<number> {
  const { terminal } = context;
  const started = await start(context, workspace, planned, { quiet: options.quiet });
  if (typeof started === 'number') return started;
  if (options.format === 'json') terminal.json(startedJson(started.agent, Date.now()), 2);
  else terminal.out(`${formatStarted(started.agent)}\n`);
  return exitCodes.ok;
}

async function runAttached(
  context: CommandContext,
  workspace: Workspace,
  planned: PlannedRun,
  options: RunOptions,
): Promise<number> {
  const { terminal, streams } = context;
  const { interactive, tty, quiet } = options;
  const over = new AbortController();
  const gate = createGate(streams.output);
  const connection: AttachOrder = {
    ...(interactive ? { input: streams.input(over.signal) } : {}),
    output: gate.output,
    ready: streams.ready,
    ...(tty ? { terminal: streams.view } : {}),
    signal: over.signal,
  };
  try {
    const started = await start(context, workspace, planned, { quiet, connection });
    if (typeof started === 'number') return started;
    if (!quiet) terminal.error(`${styleOf(terminal, 'error').dim(formatStarted(started.agent))}\n`);
    const end = await stayWith(context, planned, started, { raw: interactive && tty, tty, gate });
    const code = tellEnd(context, planned, end);
    if (options.rm && end.type === 'exited') await remove(context, workspace, planned);
    return code;
  } finally {
    over.abort();
  }
}

/** Carries the plan out with the workspace locked; the exit code where it failed, and nothing is left of it then. */
async function start(
  context: CommandContext,
  workspace: Workspace,
  planned: PlannedRun,
  options: { readonly quiet: boolean; readonly connection?: AttachOrder },
): Promise<StartedRun | number> {
  const { terminal, interruption } = context;
  const locked = await lock(context, workspace, planned);
  if (!locked) return exitCodes.notRun;
  await using _lock = locked;
  let result: Result<StartedRun, FailedStart>;
  {
    // who stays with the agent sees it start; what takes long is an image on its way
    using progress = options.connection
      ? showPulls(terminal, options.quiet)
      : showProgress(terminal, options.quiet ? 'json' : 'text');
    result = await startRun(planned, groundOf(workspace, planned), {
      ...(options.connection ? { connection: options.connection } : {}),
      drain: interruption.drain,
      abort: interruption.abort,
      emit: (event) => progress.show(event),
      command: commandOf(planned),
    });
  }
  if (result.ok) return result.value;
  const { report, error, started } = result.error;
  const interrupted = report.status === 'interrupted';
  if (error) printFailure(terminal, error);
  if (started) {
    const what = interrupted ? 'it goes on' : 'what is left of it stays';
    terminal.error(`hint: ${what}; \`aac rm --force ${planned.name}\` removes it\n`);
  } else {
    await clean(context, workspace, planned);
  }
  return interrupted ? exitCodes.interrupted : (error?.exitCode ?? exitCodes.notRun);
}

/** Progress that appears with the first pull, and ends with it. */
function showPulls(terminal: Terminal, quiet: boolean): Progress {
  let progress: Progress | undefined;
  let begun: ApplyEvent | undefined;
  return {
    show: (event) => {
      if (event.type === 'apply-started') begun = event;
      if (quiet || !('node' in event) || event.node.step.verb !== 'pull') return;
      if (!progress) {
        progress = showProgress(terminal, 'text');
        if (begun) progress.show(begun);
      }
      progress.show(event);
    },
    [Symbol.dispose]: () => progress?.[Symbol.dispose](),
  };
}

/** Says how it ended where that is not a matter of course; the exit code. */
function tellEnd({ terminal }: CommandContext, { name }: PlannedRun, end: RunEnd): number {
  switch (end.type) {
    case 'exited':
      return end.exitCode;
    case 'detached':
      terminal.error(`\n\`${name}\` goes on; \`aac logs -f ${name}\` follows it, \`aac rm --force ${name}\` ends it\n`);
      return exitCodes.ok;
    case 'gone':
      terminal.error(`error: somebody has removed \`${name}\`, so how it ended is not known\n`);
      return exitCodes.notRun;
    case 'lost':
      terminal.error(`error: ${end.error.message}\n`);
      terminal.error(`hint: how \`${name}\` ended is not known; \`aac ps --all\` may tell\n`);
      return exitCodes.notRun;
    default:
      return assertNever(end);
  }
}

/** `--rm`. */
async function remove(context: CommandContext, workspace: Workspace, planned: PlannedRun): Promise<void> {
  const locked = await lock(context, workspace, planned);
  if (!locked) return;
  await using _lock = locked;
  await clean(context, workspace, planned);
}

/** Takes away all that came to be of a run, while the lock is held; says so when that fails. */
async function clean({ terminal }: CommandContext, workspace: Workspace, planned: PlannedRun): Promise<void> {
  const removal = await planCleanup(workspace, planned.plan, never);
  if (!removal.ok) {
    printDiagnostics(terminal, removal.error, new Map());
    return;
  }
  const report = await applyPlan(removal.value, groundOf(workspace, planned), {
    drain: never,
    abort: never,
    emit: () => undefined,
    command: commandOf(planned),
  });
  for (const { outcome } of report.nodes) if (outcome.status === 'failed') printFailure(terminal, outcome.error);
}

async function lock({ terminal }: CommandContext, workspace: Workspace, planned: PlannedRun) {
  const { project } = workspace.reading;
  const patience = { wait: patienceOfRun, signal: never };
  const locked = await lockWorkspace(project.workspace, workspace.stateFolder, commandOf(planned), patience);
  if (locked.ok) return locked.value;
  printDiagnostics(terminal, [locked.error], new Map());
  return undefined;
}

function groundOf({ drivers, stateFolder }: Workspace, { reading }: PlannedRun): ApplyGround {
  return { drivers, stateFolder, values: reading.values, source: 'run' };
}

/** Without the options, as values of variables may be secrets. */
function commandOf({ name }: PlannedRun): string {
  return `aac run --name ${name}`;
}

function refuse({ tty, interactive, restart, detach }: RunOptions, isTerminal: boolean): string | undefined {
  if (tty && interactive && !detach && !isTerminal)
    return '`-it` needs a terminal, and the input is none: leave `-t` out';
  if (restart !== undefined && restart !== 'no' && !detach)
    return '`--restart` needs `--detach`: who stays with an agent sees it end';
  return undefined;
}

function requestOf([image, ...command]: readonly string[], options: RunOptions): RunRequest {
  const {
    detach,
    interactive,
    tty,
    rm: _rm,
    quiet: _quiet,
    path: _path,
    format: _format,
    pull,
    restart,
    ...rest
  } = options;
  return {
    ...rest,
    ...(image === undefined ? {} : { image }),
    command,
    stdin: interactive,
    tty,
    detach,
    pull: ({ missing: 'IfNotPresent', always: 'Always', never: 'Never' } as const)[pull],
    ...(restart === undefined ? {} : { restart: restart === 'no' ? 'never' : restart }),
  };
}
