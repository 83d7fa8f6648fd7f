import { resolve } from 'node:path';
import { readSuspension } from '../../apply/suspension.ts';
import { readWatchNotes } from '../../apply/watch-notes.ts';
import { livingHolder, type LockHolder } from '../../apply/lock.ts';
import { formatScalings } from '../../report/scaling.ts';
import { suspensionNotes } from '../../runtime/suspension-notes.ts';
import { watchOverview } from '../../runtime/watch-overview.ts';
import { openWorkspace, type Workspace } from '../../runtime/workspace.ts';
import { systemClock } from '../../util/clock.ts';
import { systemdUnit } from '../../watch/systemd-unit.ts';
import type { CommandContext } from '../context.ts';
import { startDetached } from '../detach.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { WatchOptions } from '../watch-options.ts';

const pollEvery = 50;
/** A run that goes on is waited for, and it may be waiting for an agent. */
const longestStop = 60_000;

/** `aac watch --detach`, `--status`, `--stop` and `--print-unit`: all that is not watching itself. */
export async function controlWatch(context: CommandContext, path: string, options: WatchOptions): Promise<ExitCode> {
  await using workspace = await openWorkspace(path, context.surroundings, { signal: context.interruption.drain });
  if (options.status) return await status(context, workspace);
  if (options.stop) return await stop(context, workspace);
  if (options.printUnit) return printUnit(context, path, workspace, options);
  return await detach(context, path, workspace, options);
}

async function status({ terminal }: CommandContext, workspace: Workspace): Promise<ExitCode> {
  const { reading, watcher, stateFolder } = workspace;
  const { workspace: name } = reading.project;
  terminal.out(watcher ? `${name} is watched by ${describe(watcher)}\n` : `${name} is not watched\n`);
  const suspension = await readSuspension(stateFolder);
  for (const { message } of suspensionNotes(suspension)) terminal.out(`  ${message}\n`);
  const { waiting } = await readWatchNotes(stateFolder);
  if (watcher) for (const line of waiting) terminal.out(`  ${line}\n`);
  if (!watcher) return exitCodes.failed;
  const { scaling } = await watchOverview(workspace, true);
  const rows = scaling.map(({ last, ...row }) => ({
    ...row,
    ...(last ? { scaling: { ...last, at: Date.parse(last.at) } } : {}),
  }));
  terminal.out(formatScalings(rows, systemClock.now()));
  return exitCodes.ok;
}

async function stop({ terminal, interruption }: CommandContext, workspace: Workspace): Promise<ExitCode> {
  const { watcher, stateFolder, reading } = workspace;
  const name = reading.project.workspace;
  if (!watcher) {
    terminal.error(`${name} is not watched\n`);
    return exitCodes.ok;
  }
  process.kill(watcher.process.pid, 'SIGTERM'); // its identity has just been checked
  const ends = Date.now() + longestStop;
  const isThere = async (): Promise<boolean> => (await livingHolder(stateFolder, 'watch'))?.token === watcher.token;
  while (await isThere()) {
    if (interruption.drain.aborted) return exitCodes.interrupted;
    if (Date.now() > ends) {
      terminal.error(`process ${String(watcher.process.pid)} still ends a run; a second --stop cuts it off\n`);
      return exitCodes.failed;
    }
    await systemClock.sleep(pollEvery, interruption.drain).catch(() => undefined);
  }
  terminal.out(`${name} is watched no more; its agents go on running\n`);
  return exitCodes.ok;
}

async function detach(
  { terminal, surroundings, interruption }: CommandContext,
  path: string,
  { watcher, stateFolder, reading }: Workspace,
  options: WatchOptions,
): Promise<ExitCode> {
  const { workspace } = reading.project;
  if (watcher) {
    terminal.error(`error: ${workspace} is watched already by ${describe(watcher)}\n`);
    return exitCodes.failed;
  }
  const { cwd, environment } = surroundings;
  const started = await startDetached({
    command: watchCommandLine(path, options),
    folder: stateFolder,
    cwd,
    environment,
    isUp: async (pid) => (await livingHolder(stateFolder, 'watch'))?.process.pid === pid,
    signal: interruption.drain,
  });
  if (!started.ok) {
    terminal.error(`error: the watch ended at once\n${started.error}`);
    return exitCodes.failed;
  }
  const { pid, log } = started.value;
  terminal.out(`watching ${reading.project.root} in the background (process ${String(pid)})\n`);
  terminal.out(`  what it says: ${log}\n`);
  terminal.out(`  to stop it:   aac watch --stop ${path}\n`);
  return exitCodes.ok;
}

function printUnit(
  { terminal, surroundings }: CommandContext,
  path: string,
  { reading }: Workspace,
  options: WatchOptions,
): ExitCode {
  const { cwd, environment } = surroundings;
  const passed = ['PATH', 'AAC_STATE_DIR', 'XDG_STATE_HOME', 'DOCKER_HOST'].flatMap((name) => {
    const value = environment[name];
    return value ? [[name, value] as const] : [];
  });
  terminal.out(
    systemdUnit({
      workspace: reading.project.workspace,
      command: watchCommandLine(resolve(cwd, path), options),
      folder: reading.project.root,
      environment: Object.fromEntries(passed),
    }),
  );
  return exitCodes.ok;
}

/** The command line of a watch in the foreground, with this Node and this aac. */
function watchCommandLine(path: string, options: WatchOptions): readonly string[] {
  const { debounce, resync, scaleInterval, heal, prune, dryRun, ignoreWindows } = options;
  return [
    process.execPath,
    resolve(process.argv[1] ?? 'aac'),
    'watch',
    path,
    '--debounce',
    `${String(debounce)}ms`,
    '--scale-interval',
    `${String(scaleInterval)}ms`,
    ...(resync === undefined ? [] : ['--resync', resync]),
    ...(heal ? [] : ['--no-heal']),
    ...(prune ? [] : ['--no-prune']),
    ...(dryRun ? ['--dry-run'] : []),
    ...(ignoreWindows ? ['--ignore-windows'] : []),
  ];
}

function describe({ command, user, host, since, process: { pid } }: LockHolder): string {
  return `process ${String(pid)} (\`${command}\`) of ${user} on ${host} since ${since}`;
}
