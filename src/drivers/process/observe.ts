import type { Address } from '../../model/address.ts';
import type { ObservedResource } from '../../model/observed.ts';
import type { DriverError } from '../../model/outcome.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { Interest, Observation, WorkspaceContext } from '../driver.ts';
import { gatherFacts } from './facts.ts';
import { findInstance } from './find-instance.ts';
import type { Host } from './host.ts';
import { findSame } from './identity.ts';
import { cookieOf, parseCookie } from './instance.ts';
import { toObserved } from './observed.ts';
import { runningIdentity, sight, sightStrays, type Sighting } from './sighting.ts';
import type { RunningProcess } from './system.ts';

/** Everything of a workspace: what its folders record, and what only its processes still know. */
export async function observe(
  host: Host,
  context: WorkspaceContext,
  interest: Interest,
): Promise<Result<Observation, DriverError>> {
  const processes = await host.system.processes(); // before the folders: what appears in between is then no stray
  const sightings = await sightAll(host, context.workspace, processes);
  if (!sightings.ok) return sightings;
  const given = sightings.value.flatMap(({ instance }) => Object.values(instance.ports).map((port) => port.host));
  const facts = await gatherFacts(host.system, { ...context, interest, processes, given });
  return ok({ resources: sightings.value.map(toObserved), facts });
}

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

/** One object by its ref or name; `undefined` when it is gone, or now belongs to another address. */
export async function inspect(
  host: Host,
  context: WorkspaceContext,
  target: { readonly address: Address; readonly ref: string },
): Promise<Result<ObservedResource | undefined, DriverError>> {
  const cookie = parseCookie(target.ref);
  if (cookie && cookie.workspace !== context.workspace) return ok(undefined);
  const found = await findInstance(host, context.workspace, cookie?.name ?? target.ref, cookie && target.ref);
  if (!found.ok) return err(found.error);
  const sighting = found.value;
  if (sighting?.instance.record.address !== target.address) return ok(undefined);
  return ok(sighting.instance.record.workspace === context.workspace ? toObserved(sighting) : undefined);
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
