import { cookieVariables, type RunningProcess, type System } from './system.ts';

/**
 * Which process, beyond any doubt. A pid alone is given to the next process once its own has ended; start time,
 * session and cookie tell the two apart, and after a restart of the machine none of them means anything.
 */
export interface Identity {
  readonly bootId: string;
  readonly pid: number;
  readonly started: string;
  readonly sid: number;
  /** `undefined` for a member of our session whose environment cannot be read. */
  readonly cookie: string | undefined;
}

/** The identity of a process that is there now. */
export function identityOf(process: RunningProcess, bootId: string): Identity {
  return {
    bootId,
    pid: process.pid,
    started: process.started,
    sid: process.sid,
    cookie: process.variables[cookieVariables.instance],
  };
}

/** Whether the process that is there now is the one meant. */
export function isSame(identity: Identity, process: RunningProcess | undefined, bootId: string): boolean {
  return (
    process !== undefined &&
    identity.bootId === bootId &&
    identity.pid === process.pid &&
    identity.started === process.started &&
    identity.sid === process.sid &&
    identity.cookie === process.variables[cookieVariables.instance]
  );
}

/** The process meant, when it is still there. */
export async function findSame(system: System, identity: Identity): Promise<RunningProcess | undefined> {
  const bootId = await system.bootId();
  if (identity.bootId !== bootId) return undefined;
  const process = await system.identify(identity.pid);
  return isSame(identity, process, bootId) ? process : undefined;
}

/** The only way a signal leaves this driver: to the very process meant, or as its leader to its group. */
export async function signalVerified(
  system: System,
  identity: Identity,
  signal: NodeJS.Signals,
  to: 'process' | 'group',
): Promise<boolean> {
  const process = await findSame(system, identity);
  if (!process) return false;
  if (to === 'process') return system.signal(process.pid, signal);
  return process.pgid === process.pid && system.signal(-process.pgid, signal);
}
