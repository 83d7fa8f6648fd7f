import { statSync } from 'node:fs';
import type { Instance } from './instance.ts';
import { isSystemError } from './failure.ts';
import type { Host } from './host.ts';
import { sight, type Sighting } from './sighting.ts';

/** Knows the instances of a workspace from look to look, so that a look at those that only go on costs next to nothing. */
export interface Familiar {
  /** Every instance that has a folder and a record that can be read, ordered by name. */
  look(): Promise<readonly Sighting[]>;
  /** The last look when it is not older than so many milliseconds, else a new one. */
  recent(milliseconds: number): Promise<readonly Sighting[]>;
}

/** What was seen of an instance, and when its folder had been changed last. */
interface Known {
  readonly stamp: string;
  readonly readAt: number;
  readonly sighting: Sighting;
}

/**
 * Milliseconds within which two changes of a folder may bear the same time, and after which an instance is looked at
 * anew although nothing says that it has changed.
 */
const stampPrecision = 100;
const lookAnewAfter = 300_000;

/**
 * All that aac writes about an instance appears in its folder or is renamed into it, which changes the folder's time;
 * what a process does by itself is to end. So an instance is as it was while its folder bears the same time, in which
 * nothing was written just before it was read, and its latch is still there.
 */
export function createFamiliar(host: Host, workspace: string): Familiar {
  const store = host.store(workspace);
  let known: ReadonlyMap<string, Known> = new Map();
  let last: { readonly at: number; readonly sightings: readonly Sighting[] } | undefined;

  const look = async (): Promise<readonly Sighting[]> => {
    const at = host.clock.now();
    const names = await store.names();
    const there = await runningLatches(host, known);
    const seen = new Map<string, Known>();
    for (const name of names) {
      const stamp = stampOf(`${store.root}/${name}`);
      if (stamp === undefined) continue;
      const before = known.get(name);
      if (before?.stamp === stamp && at - before.readAt < lookAnewAfter && goesOn(before.sighting, there)) {
        seen.set(name, before);
        continue;
      }
      const readAt = host.clock.now();
      const read = await store.read(name);
      if (!read.ok || read.value?.record.workspace !== workspace) continue; // unreadable: `observe` says so
      const isFresh = Date.now() - changedAt(stamp) < stampPrecision;
      seen.set(name, { stamp: isFresh ? '' : stamp, readAt, sighting: await sightClosely(host, read.value) });
    }
    known = seen;
    last = { at, sightings: [...seen.values()].map(({ sighting }) => sighting) };
    return last.sightings;
  };
  return {
    look,
    recent: async (milliseconds) =>
      last && host.clock.now() - last.at <= milliseconds ? last.sightings : await look(),
  };
}

/** The latches among those that ran which are still there: pid → start. */
function runningLatches(host: Host, known: ReadonlyMap<string, Known>): Promise<ReadonlyMap<number, string>> {
  const pids = [...known.values()].flatMap(({ sighting: { state } }) =>
    state.phase === 'running' ? [state.latch.pid] : [],
  );
  return host.system.starts(pids);
}

function goesOn({ run, state }: Sighting, there: ReadonlyMap<number, string>): boolean {
  if (state.phase === 'running') return there.get(state.latch.pid) === state.latch.started;
  return !isCutShort(run);
}

/** Whether a start was begun and nothing says which process came of it: that can change without a trace. */
function isCutShort(run: Sighting['run']): boolean {
  return run !== undefined && run.process === undefined;
}

/** Searches all processes only for a latch that nobody has recorded. */
async function sightClosely(host: Host, instance: Instance): Promise<Sighting> {
  const sighting = await sight(host, instance, async () => []);
  return isCutShort(sighting.run) ? sight(host, instance) : sighting;
}

/** Read at once, as it is hundreds of times a second and waits for nothing. */
function stampOf(folder: string): string | undefined {
  try {
    const { ino, mtimeMs } = statSync(folder);
    return `${String(mtimeMs)} ${String(ino)}`;
  } catch (thrown) {
    if (isSystemError(thrown)) return undefined;
    throw thrown;
  }
}

function changedAt(stamp: string): number {
  return Number.parseFloat(stamp);
}
