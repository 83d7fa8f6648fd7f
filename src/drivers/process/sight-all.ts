import type { DriverError } from '../../model/outcome.ts';
import { ok, type Result } from '../../util/result.ts';
import type { Host } from './host.ts';
import { findSame } from './identity.ts';
import { cookieOf } from './instance.ts';
import { runningIdentity, sight, sightStrays, type Sighting } from './sighting.ts';
import type { RunningProcess } from './system.ts';

/** All instances of a workspace, ordered by name. */
export async function sightAll(
  host: Host,
  workspace: string,
  processes: readonly RunningProcess[],
): Promise<Result<readonly Sighting[], DriverError>> {
  const store = host.store(workspace);
  const read = await Promise.all((await store.names()).map((name) => store.read(name)));
  const failed = read.find((result) => !result.ok);
  if (failed) return failed;
  const instances = read.flatMap((result) =>
    result.ok && result.value?.record.workspace === workspace ? [result.value] : [],
  );
  const sightings = await Promise.all(instances.map((instance) => sight(host, instance, async () => processes)));
  const known = new Set(instances.map(cookieOf));
  const strays = await stillThere(host, sightStrays(workspace, known, processes));
  return ok([...sightings, ...strays]);
}

/** Those strays that did not end while the folders were read, which is how a removal looks. */
async function stillThere(host: Host, strays: readonly Sighting[]): Promise<readonly Sighting[]> {
  const checked = await Promise.all(
    strays.map(async (stray) => {
      if (stray.state.phase !== 'running' || !stray.run) return [];
      const found = await findSame(host.system, runningIdentity(stray.instance, stray.run, stray.state.latch));
      return found ? [stray] : [];
    }),
  );
  return checked.flat();
}
