import type { Maintained } from '../driver.ts';
import { guarded } from './failure.ts';
import type { Host } from './host.ts';
import { cookieOf } from './instance.ts';
import { treeOf } from './limits.ts';
import { maintainLogs } from './maintain-logs.ts';
import { sightAll } from './observe.ts';
import { runningIdentity, type Sighting } from './sighting.ts';
import type { Watchdog } from './watchdog.ts';
import { ok } from '../../util/result.ts';

/** What was done for one instance. */
type Upkeep = Pick<Maintained, 'action' | 'message'>;

/** Looks after every instance of a workspace that runs. A failure on one keeps nothing from the others. */
export async function maintain(
  host: Host,
  workspace: string,
  { watchdog, signal }: { readonly watchdog: Watchdog; readonly signal: AbortSignal },
): Promise<readonly Maintained[]> {
  const sightings = await sightAll(host, workspace, await host.system.processes());
  if (!sightings.ok) throw new Error(sightings.error.message);
  const done: Maintained[] = [];
  for (const sighting of sightings.value) {
    const { instance } = sighting;
    const about = { address: instance.record.address, ref: cookieOf(instance) };
    const upkeep = await guarded(signal, async () => ok(await maintainOne(host, sighting, watchdog)));
    if (upkeep.ok) done.push(...upkeep.value.map((entry) => ({ ...about, ...entry })));
    else if (upkeep.error.code !== 'aborted') {
      done.push({ ...about, action: 'failed', message: upkeep.error.message });
    }
  }
  return done;
}

async function maintainOne(
  host: Host,
  { instance, run, state }: Sighting,
  watchdog: Watchdog,
): Promise<readonly Upkeep[]> {
  if (!run || state.phase !== 'running') return [];
  const tree = treeOf(instance, run, runningIdentity(instance, run, state.latch));
  const logs = await maintainLogs(host, instance, tree);
  const stopped = await watchdog.look(host, instance, run, tree);
  return stopped === undefined ? logs : [...logs, { action: 'stopped', message: stopped }];
}
