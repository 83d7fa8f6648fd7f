import { setMaxListeners } from 'node:events';
import { acquireLock, type LockHolder } from '../../apply/lock.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { lockWorkspace } from '../../runtime/apply-plan.ts';
import { openWorkspace, type Workspace } from '../../runtime/workspace.ts';
import { systemClock } from '../../util/clock.ts';
import type { Companion } from '../../watch/companion.ts';
import { createSharedLock } from '../../watch/shared-lock.ts';
import { syncLoop } from '../../watch/sync-loop.ts';
import { createAlarm, createRetry, fileChanges, hangUp, isSchedule, resync } from '../../watch/triggers.ts';
import type { WatchSink } from '../../watch/watch-event.ts';
import { openCompanions } from '../companions.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { printDiagnostics } from '../present.ts';
import { createReconciler } from '../reconcile.ts';
import type { Reconciled } from '../run-result.ts';
import { superviseWorkspace } from '../supervise.ts';
import type { WatchOptions } from '../watch-options.ts';

type CompanionRequest = ReturnType<NonNullable<Companion['request']>>;

const defaultResync = '* * * * *';

/** `aac watch`: keeps what runs as the directory says, until it is interrupted. What runs goes on running then. */
export async function watchCommand(context: CommandContext, path: string, options: WatchOptions): Promise<ExitCode> {
  if (options.resync !== undefined && !isSchedule(options.resync)) {
    printDiagnostics(context.terminal, [noSchedule(options.resync)], new Map());
    return exitCodes.failed;
  }
  if (options.detach || options.status || options.stop || options.printUnit) {
    const { controlWatch } = await import('./watch-control.ts');
    return controlWatch(context, path, options);
  }
  const { interruption, surroundings } = context;
  await using workspace = await openWorkspace(path, surroundings, { signal: interruption.drain });
  if (options.once) return await runOnce(context, path, workspace, options);
  if (options.dryRun) return await keepWatching(context, path, workspace, options);
  const { stateFolder, reading } = workspace;
  const own = await acquireLock(stateFolder, {
    purpose: 'watch',
    command: context.commandLine,
    clock: systemClock,
  });
  if (!own.ok) {
    printDiagnostics(context.terminal, [alreadyWatched(reading.project.workspace, own.error)], reading.texts);
    return exitCodes.failed;
  }
  await using _own = own.value;
  return await keepWatching(context, path, workspace, options);
}

async function runOnce(
  context: CommandContext,
  path: string,
  workspace: Workspace,
  options: WatchOptions,
): Promise<ExitCode> {
  const lock = lockOf(context, workspace);
  const { exitCode } = await createReconciler(context, { path, lock, ...syncOptions(options) }).run(['once']);
  return context.interruption.drain.aborted ? exitCodes.interrupted : exitCode;
}

async function keepWatching(
  context: CommandContext,
  path: string,
  workspace: Workspace,
  options: WatchOptions,
): Promise<ExitCode> {
  const { terminal, log, interruption } = context;
  const { drain } = interruption;
  const { project } = workspace.reading;
  setMaxListeners(0, drain); // every file, timer and driver that is watched listens for the end
  const lock = lockOf(context, workspace);
  const companions: Companion[] = [];
  const alarm = createAlarm(systemClock, 'it is time');
  const emit: WatchSink = (event) => companions.forEach(({ heard }) => heard?.(event));
  const supervision = await superviseWorkspace(context, workspace, lock, emit);
  const reconciler = createReconciler(context, {
    path,
    lock,
    ...syncOptions(options),
    leave: supervision.leave,
    wakeAt: (time) => alarm.set(time),
    request: () => mergeRequests(companions.map(({ request }) => request?.() ?? {})),
    emit,
  });
  const view = { agents: supervision.agents, inForce: () => reconciler.inForce() };
  const opened = await openCompanions({ context, workspace, options, view, emit });
  if (!opened.ok) {
    printDiagnostics(terminal, [opened.error], workspace.reading.texts);
    return exitCodes.failed;
  }
  companions.push(...opened.value);
  const retry = createRetry(systemClock, Math.random);
  terminal.error(
    options.dryRun
      ? `watching ${project.root}, and changing nothing; Ctrl-C ends that\n`
      : `watching ${project.root}; Ctrl-C ends the watch and leaves the agents running\n`,
  );
  // A dry run restarts nothing either.
  const supervising = options.dryRun ? undefined : supervision.run(reconciler, drain);
  const beside = Promise.all([supervising, ...companions.map(({ run }) => run?.(drain))]);
  await syncLoop({
    clock: systemClock,
    debounce: options.debounce,
    signal: drain,
    triggers: [
      fileChanges(project.root),
      hangUp(process, () => reconciler.forgetFailures()),
      resync(options.resync ?? project.sync.resync ?? defaultResync),
      retry.trigger,
      alarm.trigger,
      supervision.changes,
      ...companions.flatMap(({ trigger }) => (trigger ? [trigger] : [])),
    ],
    reconcile: async (reasons) => {
      log.info({ reasons }, 'reconciling');
      retry.settle(await isWorthAnotherTry(context, () => reconciler.run(reasons)));
      supervision.hint();
    },
  });
  await beside;
  return exitCodes.ok;
}

function syncOptions(options: WatchOptions) {
  const { heal, prune, dryRun = false, ignoreWindows = false } = options;
  return { heal, prune, dryRun, ignoreWindows };
}

function mergeRequests(requests: readonly CompanionRequest[]): CompanionRequest {
  return {
    exclude: requests.flatMap(({ exclude = [] }) => exclude),
    replace: requests.flatMap(({ replace = [] }) => replace),
    scale: new Map(requests.flatMap(({ scale }) => [...(scale ?? [])])),
  };
}

/** Whether a run is to be tried again. What it throws must not end the watch, and an interrupted one has nothing to say. */
async function isWorthAnotherTry(
  { terminal, interruption, log }: CommandContext,
  run: () => Promise<Reconciled>,
): Promise<boolean> {
  try {
    return (await run()).again;
  } catch (error) {
    if (interruption.drain.aborted) return false;
    log.warn({ stack: error instanceof Error ? error.stack : String(error) }, 'unexpected error');
    terminal.error(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return true;
  }
}

/** The workspace's lock, for which the watch waits its turn as long as it takes. */
function lockOf(context: CommandContext, { reading, stateFolder }: Workspace) {
  return createSharedLock((signal: AbortSignal) =>
    lockWorkspace(reading.project.workspace, stateFolder, context.commandLine, { wait: Infinity, signal }),
  );
}

function alreadyWatched(workspace: string, { command, user, since, process, host }: LockHolder): Diagnostic {
  return {
    code: 'locked',
    severity: 'error',
    message:
      `workspace \`${workspace}\` is watched already: \`${command}\` by ${user} on ${host} since ${since} ` +
      `(process ${String(process.pid)})`,
    hint: '`aac watch --stop` ends that watch and leaves the agents running',
  };
}

function noSchedule(text: string): Diagnostic {
  return {
    code: 'invalid-argument',
    severity: 'error',
    message: `\`${text}\` is no cron expression`,
    hint: 'write a cron expression such as `*/5 * * * *`',
  };
}
