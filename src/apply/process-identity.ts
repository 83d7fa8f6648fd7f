import { readFile, readlink } from 'node:fs/promises';

/** What tells one process of a machine from any other that ever has its id. Only `pid` is known everywhere. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the kernel's ticks since boot. */
  readonly startTime?: string;
  /** Which boot of the machine. */
  readonly bootId?: string;
  /** Which process id namespace: the same id means another process in another container. */
  readonly namespace?: string;
}

/** The identity of a process that runs now; `undefined` when there is none with this id. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  if (!exists(pid)) return undefined;
  const [stat, bootId, namespace] = await Promise.all([
    quietly(readFile(`/proc/${String(pid)}/stat`, 'utf8')),
    quietly(readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
    quietly(readlink('/proc/self/ns/pid')),
  ]);
  const { state, startTime } = stat === undefined ? {} : readStat(stat);
  if (state === 'Z' || state === 'X') return undefined; // dead, and only not yet buried by its parent
  return {
    pid,
    ...(startTime === undefined ? {} : { startTime }),
    ...(bootId === undefined ? {} : { bootId: bootId.trim() }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/**
 * Whether a process that was identified earlier, on this machine, is gone for certain. `now` is what has its id today,
 * `here` any process of today, such as this one.
 */
export function isGone(then: ProcessIdentity, now: ProcessIdentity | undefined, here: ProcessIdentity): boolean {
  if (differ(then.bootId, here.bootId)) return true;
  if (then.namespace !== here.namespace) return false; // out of sight from here
  return now === undefined || differ(then.startTime, now.startTime);
}

function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

/** Fields 3 and 22 of `/proc/PID/stat`, counted behind the command, which may itself hold spaces and parentheses. */
function readStat(stat: string): { readonly state?: string; readonly startTime?: string } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  return { ...(state === undefined ? {} : { state }), ...(startTime === undefined ? {} : { startTime }) };
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // somebody else's
  }
}

async function quietly<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch(() => undefined); // no such file on this system
}
