import { currentActor } from '../../apply/actor.ts';
import { readSuspension, resume, suspend, writeSuspension, type Suspension } from '../../apply/suspension.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { reportFormatVersion, toDocument } from '../../report/document.ts';
import { listAgents } from '../../runtime/list-agents.ts';
import { unknownAgents } from '../../runtime/select-agents.ts';
import { openWorkspace, type Workspace } from '../../runtime/workspace.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { printRefusal } from '../present.ts';
import type { Terminal } from '../terminal.ts';

interface SuspendOptions {
  readonly format: 'text' | 'json';
  readonly path: string;
}

type Command = (context: CommandContext, names: readonly string[], options: SuspendOptions) => Promise<ExitCode>;

/** What is wrong with the names, or what to tell once it is done. */
type Done = (
  workspace: Workspace,
  names: readonly string[],
  signal: AbortSignal,
) => Promise<readonly Diagnostic[] | string>;

/** `aac suspend`: has the watch leave agents, or everything, as they are. What a person asks for is done all the same. */
export const suspendCommand: Command = inWorkspace(async (workspace, names, signal) => {
  const problems = await unknownNames(workspace, names, signal);
  if (problems.length > 0) return problems;
  const by = { since: new Date().toISOString(), user: currentActor().user };
  await change(workspace, (before) => suspend(before, names, by));
  return 'left as it is by `aac watch`';
});

/** `aac resume`: takes that back. */
export const resumeCommand: Command = inWorkspace(async (workspace, names) => {
  const before = await readSuspension(workspace.stateFolder);
  const others = names.filter((name) => !Object.hasOwn(before.agents, name));
  if (others.length > 0) return others.map((name) => notSuspended(name, before));
  await change(workspace, (found) => resume(found, names));
  const still = names.length > 0 && before.all ? '; the whole workspace is still suspended: `aac resume`' : '';
  return `seen to by \`aac watch\` again${still}`;
});

function inWorkspace(act: Done): Command {
  return async ({ terminal, surroundings, interruption }, given, { path, format }) => {
    const names = agentsOf(given);
    await using workspace = await openWorkspace(path, surroundings, { signal: interruption.drain });
    const done = await act(workspace, names, interruption.drain);
    if (typeof done !== 'string') {
      printRefusal(terminal, done, workspace.reading.texts, format);
      return exitCodes.failed;
    }
    if (format === 'json') return await printSuspension(terminal, workspace);
    const what = names.length === 0 ? workspace.reading.project.workspace : names.join(', ');
    const unwatched = workspace.watcher ? '' : '; no watch runs at the moment';
    terminal.out(`${what} ${names.length > 1 ? 'are' : 'is'} ${done}${unwatched}\n`);
    return exitCodes.ok;
  };
}

/** All that is suspended now, for programs. */
async function printSuspension(terminal: Terminal, { reading, stateFolder, watcher }: Workspace): Promise<ExitCode> {
  const { format: _, ...suspended } = await readSuspension(stateFolder);
  const { workspace } = reading.project;
  const about = { formatVersion: reportFormatVersion, type: 'suspension', workspace, watched: watcher !== undefined };
  terminal.json(toDocument({ ...about, suspended }), 2);
  return exitCodes.ok;
}

/** The watch sees to an agent whole: `web/0` means all of `web`. */
function agentsOf(names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => name.split('/')[0] ?? name))];
}

async function change({ stateFolder, watcher }: Workspace, next: (before: Suspension) => Suspension): Promise<void> {
  await writeSuspension(stateFolder, next(await readSuspension(stateFolder)));
  if (!watcher) return;
  try {
    process.kill(watcher.process.pid, 'SIGHUP'); // its identity has just been checked
  } catch {
    // another user's: it finds out at its next run
  }
}

async function unknownNames(
  workspace: Workspace,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly Diagnostic[]> {
  const declared = workspace.reading.agents.map(({ name }) => name);
  const others = names.filter((name) => !declared.includes(name));
  if (others.length === 0) return [];
  const { agents } = await listAgents(workspace, [], signal);
  return unknownAgents(others, agents, declared);
}

function notSuspended(name: string, { all }: Suspension): Diagnostic {
  return {
    code: 'unknown-agent',
    severity: 'error',
    message: `\`${name}\` is not suspended`,
    hint: all ? 'the whole workspace is: `aac resume`' : '`aac watch --status` tells what is',
  };
}
