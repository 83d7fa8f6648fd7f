import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { findCgroups, type CgroupSupport } from './find-cgroups.ts';
import { cookiesOf, isAlive, isStopped, parseEnvironment, parseSockets, parseStat } from './proc-files.ts';
import { sendSignal } from './send-signal.ts';
import { shareLooks } from './share-looks.ts';
import { cookieVariables, type Listener, type RunningProcess, type System } from './system.ts';
import { parseUsage, type ProcessUsage } from './usage.ts';

/** Linux, read from `/proc`. These files are made up by the kernel as they are read, so reading them never waits. */
export function createLinuxSystem(): System {
  let cgroups: { readonly found: CgroupSupport | undefined } | undefined;
  return {
    bootId: async () => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
    identify: async (pid) => identify(pid),
    starts: createStarts(),
    processes: shareLooks(async () => pids().flatMap((pid) => identify(pid) ?? [])),
    environment: async (pid) => {
      const environ = text(`/proc/${String(pid)}/environ`);
      return environ ? parseEnvironment(environ) : undefined;
    },
    listeners: async (named) => listeners(named),
    capacity: () => ({ cpu: availableParallelism() * 1e9, memory: totalmem() }),
    usage: async (wanted) => wanted.flatMap((pid) => usageOf(pid) ?? []),
    cgroups: () => (cgroups ??= { found: findCgroups() }).found,
    user: () => process.getuid?.() ?? -1,
    signal: sendSignal,
  };
}

function identify(pid: number): RunningProcess | undefined {
  const stat = parseStat(text(`/proc/${String(pid)}/stat`));
  if (!stat || !isAlive(stat.state)) return undefined;
  const environ = read(`/proc/${String(pid)}/environ`);
  const variables = environ?.includes(`${cookieVariables.instance}=`)
    ? cookiesOf(parseEnvironment(environ.toString('utf8')))
    : {};
  const { pgid, sid, started, command } = stat;
  return { pid, pgid, sid, started, command, stopped: isStopped(stat.state) && standsStill(pid), variables };
}

/**
 * Milliseconds for which a pid that is still in use is taken for the process that had it: numbers do not come round so
 * soon. What has ended and that nobody has reaped yet still has its pid, and is found out as late.
 */
const startHolds = 5_000;

/** Asks the kernel for hundreds of processes a second: whether a pid is in use costs it a hundredth of what reading does. */
function createStarts(): System['starts'] {
  let known: ReadonlyMap<number, { readonly started: string; readonly readAt: number }> = new Map();
  return async (wanted) => {
    const now = performance.now();
    const found = wanted.flatMap((pid) => {
      const before = known.get(pid);
      if (before && now - before.readAt < startHolds && isInUse(pid)) return [[pid, before] as const];
      return (startOf(pid) ?? []).map(([, started]) => [pid, { started, readAt: now }] as const);
    });
    known = new Map(found);
    return new Map(found.map(([pid, { started }]) => [pid, started]));
  };
}

function isInUse(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'; // somebody else's
  }
}

function startOf(pid: number): readonly [readonly [number, string]] | undefined {
  const stat = parseStat(shortText(`/proc/${String(pid)}/stat`));
  return stat && isAlive(stat.state) ? [[pid, stat.started]] : undefined;
}

/** For what is asked hundreds of times a second: one read into the same block, of a file that fits into it. */
function shortText(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      return block.toString('latin1', 0, readSync(file, block, 0, block.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

const block = Buffer.alloc(4096);

/** Whether every thread has stopped: one that is in the middle of a write finishes it first. */
function standsStill(pid: number): boolean {
  const folder = `/proc/${String(pid)}/task`;
  return list(folder).every((thread) => {
    const stat = parseStat(text(`${folder}/${thread}/stat`));
    return !stat || isStopped(stat.state) || !isAlive(stat.state);
  });
}

function usageOf(pid: number): ProcessUsage | undefined {
  const folder = `/proc/${String(pid)}`;
  return parseUsage(pid, text(`${folder}/stat`), text(`${folder}/status`), text(`${folder}/io`));
}

function listeners(named: ReadonlySet<number>): readonly Listener[] {
  const tables = [
    { protocol: 'tcp', state: '0A' },
    { protocol: 'udp', state: '07' },
  ] as const;
  const sockets = tables.flatMap(({ protocol, state }) =>
    ['', '6'].flatMap((family) =>
      parseSockets(text(`/proc/net/${protocol}${family}`), state).map((socket) => ({ ...socket, protocol })),
    ),
  );
  const wanted = sockets.filter(({ port }) => named.has(port)).map(({ inode }) => inode);
  const owners = socketOwners(new Set(wanted));
  return sockets.map(({ port, protocol, hostIp, inode }) => ({ port, protocol, hostIp, ...owners.get(inode) }));
}

/** Socket inode → the first process that has it open, for those processes that may be looked into. */
function socketOwners(
  inodes: ReadonlySet<string>,
): ReadonlyMap<string, { readonly pid: number; readonly command: string }> {
  const owners = new Map<string, { pid: number; command: string }>();
  for (const pid of inodes.size > 0 ? pids() : []) {
    const folder = `/proc/${String(pid)}/fd`;
    for (const fd of list(folder)) {
      const inode = /^socket:\[(\d+)\]$/.exec(link(`${folder}/${fd}`))?.[1];
      if (inode === undefined || !inodes.has(inode) || owners.has(inode)) continue;
      owners.set(inode, { pid, command: text(`/proc/${String(pid)}/comm`).trim() });
    }
    if (owners.size === inodes.size) break;
  }
  return owners;
}

function pids(): readonly number[] {
  return list('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? [Number(entry)] : []));
}

// A process can end, and another user's can refuse, between any two reads: both are "nothing to be seen".

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function text(path: string): string {
  return read(path)?.toString('utf8') ?? '';
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
