import type { Maintained } from '../driver.ts';
import { guarded } from './failure.ts';
import type { Familiar } from './familiar.ts';
import type { Host } from './host.ts';
import { cookieOf } from './instance.ts';
import { treeOf } from './limits.ts';
import type { LogUpkeeper } from './maintain-logs.ts';
import { runningIdentity, sight, type Sighting } from './sighting.ts';
import type { Watchdog } from './watchdog.ts';
import { ok } from '../../util/result.ts';

/** What was done for one instance. */
type Upkeep = Pick<Maintained, 'action' | 'message'>;

/** Milliseconds that a look by somebody else may be old: whoever is worth more is looked at again. */
const lookAge = 1_500;

/**
 * Looks after the instances of a workspace that run. Those whose logs have not grown and that nobody has to hold to a
 * limit are left alone. A failure on one keeps nothing from the others.
 */
export async function maintain(
  host: Host,
  { familiar, logs, watchdog }: Upkeepers,
  signal: AbortSignal,
): Promise<readonly Maintained[]> {
  const done: Maintained[] = [];
  for (const sighting of await familiar.recent(lookAge)) {
    if (signal.aborted) break;
    if (!logs.hasGrown(sighting) && !watchdog.watches(sighting)) continue;
    const { instance } = sighting;
    const about = { address: instance.record.address, ref: cookieOf(instance) };
    const upkeep = await guarded(signal, async () =>
      ok(await maintainOne(host, await sight(host, instance), { logs, watchdog })),
    );
    if (upkeep.ok) done.push(...upkeep.value.map((entry) => ({ ...about, ...entry })));
    else if (upkeep.error.code !== 'aborted') {
      done.push({ ...about, action: 'failed', message: upkeep.error.message });
    }
  }
  return done;
}

/** What remembers something from one upkeep to the next; all of it can be lost. */
export interface Upkeepers {
  readonly familiar: Familiar;
  readonly logs: LogUpkeeper;
  readonly watchdog: Watchdog;
}

async function maintainOne(
  host: Host,
  sighting: Sighting,
  { logs: keeper, watchdog }: Pick<Upkeepers, 'logs' | 'watchdog'>,
): Promise<readonly Upkeep[]> {
  const { instance, run, state } = sighting;
  if (!run || state.phase !== 'running') return [];
  const tree = treeOf(instance, run, runningIdentity(instance, run, state.latch));
  const logs = await keeper.maintain(sighting, tree);
  const stopped = await watchdog.look(host, instance, run, tree);
  return stopped === undefined ? logs : [...logs, { action: 'stopped', message: stopped }];
}
