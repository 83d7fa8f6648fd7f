import { writeFile } from 'node:fs/promises';
import type { Clock } from '../../util/clock.ts';
import { cgroupMembers, freezerOf, isFrozen, type Cgroup } from './cgroup.ts';
import type { Cutter } from './cutter.ts';
import { findSame, identityOf, signalVerified } from './identity.ts';
import { createSearch, type Tree } from './stop-tree.ts';
import type { RunningProcess, System } from './system.ts';

/** Milliseconds in which a tree has to stand still. */
const patience = 1_000;

/**
 * Stops a tree where it is, by its cgroup where that can be frozen, so that nothing of it writes; `false` when it would not stand still. The cutter lets it go
 * on. Who was stopped before stays so afterwards.
 */
export async function freezeTree(system: System, clock: Clock, tree: Tree, cutter: Cutter): Promise<boolean> {
  const search = createSearch(system, tree);
  const deadline = clock.now() + patience;
  const frozen = tree.cgroup ? await freezeCgroup(clock, tree.cgroup, { cutter, deadline }) : new Set<number>();
  if (frozen.size === 0 && tree.latch && !(await search()).some(({ stopped }) => stopped)) {
    cutter.willThaw(-tree.latch.pid); // in one go, where that wakes nobody later who slept before
    await signalVerified(system, tree.latch, 'SIGSTOP', 'group');
  }
  while (clock.now() < deadline) {
    const awake = (await search()).filter(({ pid, stopped }) => !stopped && !frozen.has(pid));
    if (awake.length === 0) return true;
    await freezeEach(system, awake, cutter);
    await untilStopped(system, clock, { members: awake, deadline });
  }
  return false;
}

/** Whom it has frozen: all in the cgroup, or nobody. */
async function freezeCgroup(
  clock: Clock,
  cgroup: Cgroup,
  { cutter, deadline }: { readonly cutter: Cutter; readonly deadline: number },
): Promise<ReadonlySet<number>> {
  const file = await freezerOf(cgroup);
  if (file === undefined) return new Set();
  cutter.willThawCgroup(file);
  await writeFile(file, '1');
  while (!(await isFrozen(cgroup))) {
    if (clock.now() >= deadline) return new Set();
    await clock.sleep(1);
  }
  return cgroupMembers(cgroup);
}

async function freezeEach(system: System, members: readonly RunningProcess[], cutter: Cutter): Promise<void> {
  const bootId = await system.bootId();
  for (const member of members) {
    cutter.willThaw(member.pid);
    await signalVerified(system, identityOf(member, bootId), 'SIGSTOP', 'process');
  }
}

async function untilStopped(
  system: System,
  clock: Clock,
  { members, deadline }: { readonly members: readonly RunningProcess[]; readonly deadline: number },
): Promise<void> {
  const bootId = await system.bootId();
  for (const member of members) {
    while (clock.now() < deadline) {
      const now = await findSame(system, identityOf(member, bootId));
      if (!now || now.stopped) break;
      await clock.sleep(1);
    }
  }
}
