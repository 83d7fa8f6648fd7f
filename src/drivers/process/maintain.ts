import type { Maintained } from '../driver.ts';
import { guarded } from './failure.ts';
import type { Host } from './host.ts';
import { cookieOf } from './instance.ts';
import { maintainLogs } from './maintain-logs.ts';
import { sightAll } from './observe.ts';
import { runningIdentity, type Sighting } from './sighting.ts';
import { ok } from '../../util/result.ts';

/** What was done for one instance. */
type Upkeep = Pick<Maintained, 'action' | 'message'>;

/** Looks after every instance of a workspace that runs. A failure on one keeps nothing from the others. */
export async function maintain(host: Host, workspace: string, signal: AbortSignal): Promise<readonly Maintained[]> {
  const sightings = await sightAll(host, workspace, await host.system.processes());
  if (!sightings.ok) throw new Error(sightings.error.message);
  const done: Maintained[] = [];
  for (const sighting of sightings.value) {
    const { instance } = sighting;
    const about = { address: instance.record.address, ref: cookieOf(instance) };
    const upkeep = await guarded(signal, async () => ok(await maintainOne(host, sighting)));
    if (upkeep.ok) done.push(...upkeep.value.map((entry) => ({ ...about, ...entry })));
    else if (upkeep.error.code !== 'aborted') {
      done.push({ ...about, action: 'failed', message: upkeep.error.message });
    }
  }
  return done;
}

async function maintainOne(host: Host, { instance, run, state }: Sighting): Promise<readonly Upkeep[]> {
  if (!run || state.phase !== 'running') return [];
  const tree = { cookie: cookieOf(instance), latch: runningIdentity(instance, run, state.latch) };
  return maintainLogs(host, instance, tree);
}
