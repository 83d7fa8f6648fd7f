import { execFile } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { parseCommands, parseCookies, parseListeners, parseProcesses, processColumns } from './ps-output.ts';
import { sendSignal } from './send-signal.ts';
import { shareLooks } from './share-looks.ts';
import type { RunningProcess, System } from './system.ts';
import { parsePsUsage } from './usage.ts';

/**
 * Any Unix, read with `ps` and, for ports, `lsof`. Coarser than `/proc`: starts are told apart by the second, sockets
 * and environments only where the tools may show them.
 */
export function createPsSystem(platform: NodeJS.Platform): System {
  const everything = ['-ax'];
  return {
    bootId: () => bootId(platform),
    identify: async (pid) => (await list(platform, ['-p', String(pid)])).find((process) => process.pid === pid),
    starts: async (wanted) => {
      if (wanted.length === 0) return new Map();
      const listed = parseProcesses(await output('ps', ['-p', wanted.join(','), '-ww', '-o', processColumns]));
      return new Map(listed.map(({ pid, started }) => [pid, started]));
    },
    processes: shareLooks(() => list(platform, everything)),
    environment: async () => undefined, // values hold blanks: where one ends cannot be told
    listeners: async () => parseListeners(await output('lsof', ['-nP', '-iTCP', '-sTCP:LISTEN', '-iUDP', '-FpctPn'])),
    capacity: () => ({ cpu: availableParallelism() * 1e9, memory: totalmem() }),
    usage: async (wanted) =>
      wanted.length === 0 ? [] : parsePsUsage(await output('ps', ['-o', 'pid=,rss=,time=', '-p', wanted.join(',')])),
    cgroups: () => undefined,
    user: () => process.getuid?.() ?? -1,
    signal: sendSignal,
  };
}

async function bootId(platform: NodeJS.Platform): Promise<string> {
  const session = platform === 'darwin' ? await output('sysctl', ['-n', 'kern.bootsessionuuid']) : '';
  return session.trim() || (await output('ps', ['-o', 'lstart=', '-p', '1'])).trim().replace(/\s+/g, ' ');
}

async function list(platform: NodeJS.Platform, which: readonly string[]): Promise<readonly RunningProcess[]> {
  const [processes, bare, full] = await Promise.all([
    output('ps', [...which, '-ww', '-o', processColumns]),
    output('ps', [...which, '-ww', '-o', 'pid=,command=']),
    output('ps', withEnvironment(platform, which)),
  ]);
  const commands = parseCommands(bare);
  const environments = parseCommands(full);
  return parseProcesses(processes).map((process) => ({
    ...process,
    variables: parseCookies(commands.get(process.pid) ?? '', environments.get(process.pid) ?? ''),
  }));
}

/** Darwin shows environments with `-E`; elsewhere it is the letter `e` without a dash. */
function withEnvironment(platform: NodeJS.Platform, which: readonly string[]): readonly string[] {
  const columns = ['-ww', '-o', 'pid=,command='];
  if (platform === 'darwin') return ['-E', ...which, ...columns];
  const [first = '', ...rest] = which;
  return [`eww${first.slice(1)}`, ...rest, '-o', 'pid=,command='];
}

const run = promisify(execFile);

/** What the command prints; nothing when it fails, which `ps` does when no process matches. */
async function output(command: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(command, args, {
      maxBuffer: 256 * 1024 * 1024,
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    });
    return stdout;
  } catch (thrown) {
    return thrown instanceof Error && 'stdout' in thrown && typeof thrown.stdout === 'string' ? thrown.stdout : '';
  }
}
