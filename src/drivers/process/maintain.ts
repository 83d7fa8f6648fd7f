import type { Maintained } from '../driver.ts';
import { guarded } from './failure.ts';
import type { Host } from './host.ts';
import { cookieOf } from './instance.ts';
import { treeOf } from './limits.ts';
import { maintainLogs } from './maintain-logs.ts';
import { runningIdentity, sight, type Sighting } from './sighting.ts';
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
  const store = host.store(workspace);
  const done: Maintained[] = [];
  for (const name of await store.names()) {
    if (signal.aborted) break;
    const stored = await store.read(name);
    if (!stored.ok || stored.value?.record.workspace !== workspace) continue; // unreadable: `observe` says so
    const instance = stored.value;
    const about = { address: instance.record.address, ref: cookieOf(instance) };
    const upkeep = await guarded(signal, async () =>
      ok(await maintainOne(host, await sight(host, instance), watchdog)),
    );
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
