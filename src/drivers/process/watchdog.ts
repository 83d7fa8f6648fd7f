import { aboutBytes, formatBytes } from '../../model/quantity.ts';
import { toAgentSpec } from '../../model/spec.ts';
import type { Host } from './host.ts';
import { cookieOf, type Instance, type Run } from './instance.ts';
import { createSearch, stopTree, type Tree } from './stop-tree.ts';
import { listProcesses, type Sighting } from './sighting.ts';
import { sumUsage } from './usage.ts';

/** Milliseconds from one look to the next at least, and how many in a row above the limit end it. */
const interval = 1_500;
const strikesAllowed = 3;

/** What a watchdog remembers of an instance. Losing it costs no more than the time to see it again. */
interface Strikes {
  readonly count: number;
  readonly at: number;
}

/** Holds instances without a cgroup to their memory limits. */
export interface Watchdog {
  /** Whether it has to look at an instance at all. */
  watches(sighting: Sighting): boolean;
  /** Ends the tree when it was above its limit often enough. */
  look(host: Host, instance: Instance, run: Run, tree: Tree): Promise<string | undefined>;
}

/** A watchdog; one for each supervisor. */
export function createWatchdog(): Watchdog {
  const strikes = new Map<string, Strikes>();
  return {
    watches: ({ instance, run, state }) => state.phase === 'running' && !run?.cgroup && limitOf(instance) !== null,
    async look(host, instance, run, tree) {
      const limit = limitOf(instance);
      if (limit === null || run.cgroup) return undefined;
      const key = `${cookieOf(instance)} ${String(run.number)}`;
      const now = host.clock.now();
      const before = strikes.get(key);
      if (before && now - before.at < interval) return undefined;
      const members = await createSearch(host.system, tree)();
      const { memory } = sumUsage(await host.system.usage(members.map(({ pid }) => pid)));
      const count = memory > limit ? (before?.count ?? 0) + 1 : 0;
      strikes.set(key, { count, at: now });
      if (count < strikesAllowed) return undefined;
      strikes.delete(key);
      return `memory limit: ${aboutBytes(memory)} of ${formatBytes(limit)}${await end(host, instance, run, tree)}`;
    },
  };
}

function limitOf({ record }: Instance): number | null {
  return toAgentSpec(record.lastApplied).resources.limits.memory;
}

/** Says why first, so that whoever finds it ended knows. What would not die is said. */
async function end(host: Host, instance: Instance, run: Run, tree: Tree): Promise<string> {
  await host.store(instance.record.workspace).writeRun(instance.name, { ...run, endedFor: 'memory limit' });
  const order = { ...tree, signal: 'SIGKILL', gracePeriod: 0, abort: new AbortController().signal } as const;
  const left = await stopTree(host.system, host.clock, order);
  return left.length === 0 ? '' : `; these would not die: ${listProcesses(left)}`;
}
