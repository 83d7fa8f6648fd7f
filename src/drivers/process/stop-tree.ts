import type { Clock } from '../../util/clock.ts';
import { cgroupMembers, killCgroup, type Cgroup } from './cgroup.ts';
import { findSame, identityOf, isSame, signalVerified, type Identity } from './identity.ts';
import { cookieVariables, type RunningProcess, type System } from './system.ts';

/** All that one run of an instance has started. */
export interface Tree {
  readonly cookie: string;
  /** The leader of the session, where there still is one. */
  readonly latch?: Identity;
  readonly cgroup?: Cgroup;
}

/** What to stop, and how. Milliseconds. */
export interface StopOrder extends Tree {
  readonly signal: NodeJS.Signals;
  readonly gracePeriod: number;
  readonly abort: AbortSignal;
}

/** How often everything is killed and looked for again before what is left is given up. */
const killRounds = 5;
/** Milliseconds that the killed have to disappear, each round. */
const killWait = 500;

/**
 * Ends a whole tree: the stop signal to all of it, the grace period, SIGKILL to all that is left, until a search finds
 * nothing more. Resolves with what would not die. Rejects with the reason of `abort`, and then the tree may still run.
 *
 * The tree is the group of the latch, everything that carries the cookie, in whatever session it hid, and what is in its
 * cgroup, which is killed as a whole where the kernel can.
 */
export async function stopTree(system: System, clock: Clock, order: StopOrder): Promise<readonly RunningProcess[]> {
  const search = createSearch(system, order);
  let members = await search();
  if (members.length === 0) return [];
  await signalAll(system, order, members, order.signal);
  members = await untilGone(system, clock, { members, search, wait: order.gracePeriod, abort: order.abort });
  for (let round = 0; round < killRounds && members.length > 0; round++) {
    if (order.cgroup) await killCgroup(order.cgroup);
    await signalAll(system, order, members, 'SIGKILL');
    members = await untilGone(system, clock, { members, search, wait: killWait, abort: order.abort });
  }
  return members;
}

/** Looks for the members of a tree as it is now. */
export type Search = () => Promise<readonly RunningProcess[]>;

/**
 * Finds the members. One that hid its environment is known by its session, which is ours for certain only while the
 * leader is there; so those that were seen then are remembered.
 */
export function createSearch(system: System, { cookie, latch, cgroup }: Tree): Search {
  const remembered = new Set<string>();
  const key = (process: RunningProcess): string => `${String(process.pid)} ${process.started}`;
  return async () => {
    const bootId = await system.bootId();
    const processes = await system.processes();
    const inside = cgroup && (await cgroupMembers(cgroup)); // afterwards: a number that was given away since fails the check
    const leader = latch && processes.find((process) => isSame(latch, process, bootId));
    for (const process of processes) {
      if (process.sid === leader?.sid || inside?.has(process.pid)) remembered.add(key(process));
    }
    return processes.filter(
      (process) => process.variables[cookieVariables.instance] === cookie || remembered.has(key(process)),
    );
  };
}

/** To the group while its leader is there, and to each that is not in the group. */
async function signalAll(
  system: System,
  { latch }: StopOrder,
  members: readonly RunningProcess[],
  signal: NodeJS.Signals,
): Promise<void> {
  const group = latch && (await signalVerified(system, latch, signal, 'group')) ? latch.pid : undefined;
  const bootId = await system.bootId();
  for (const member of members) {
    if (member.pgid !== group) await signalVerified(system, identityOf(member, bootId), signal, 'process');
  }
}

/** Waits until nothing is left, or the time is up; what is left. Searches only when all that it knew are gone. */
async function untilGone(
  system: System,
  clock: Clock,
  options: { members: readonly RunningProcess[]; search: Search; wait: number; abort: AbortSignal },
): Promise<readonly RunningProcess[]> {
  const deadline = clock.now() + options.wait;
  let { members } = options;
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    members = await stillThere(system, members);
    if (members.length === 0) members = await options.search();
    const left = deadline - clock.now();
    if (members.length === 0) return [];
    if (left <= 0) return options.search();
    await clock.sleep(Math.min(pause, left), options.abort);
  }
}

async function stillThere(system: System, members: readonly RunningProcess[]): Promise<readonly RunningProcess[]> {
  const bootId = await system.bootId();
  const found = await Promise.all(members.map((member) => findSame(system, identityOf(member, bootId))));
  return members.filter((_, index) => found[index] !== undefined);
}
