import type { Address } from '../../model/address.ts';
import type { ObservedResource } from '../../model/observed.ts';
import type { DriverError } from '../../model/outcome.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { Interest, Observation, WorkspaceContext } from '../driver.ts';
import { gatherFacts } from './facts.ts';
import { findInstance } from './find-instance.ts';
import type { Host } from './host.ts';
import { parseCookie } from './instance.ts';
import { toObserved } from './observed.ts';
import { routedOf } from './routes.ts';
import { sightAll } from './sight-all.ts';

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
  const resources = await Promise.all(
    sightings.value.map(async (each) => toObserved(each, await routedOf(host, each))),
  );
  return ok({ resources, facts });
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
  if (sighting.instance.record.workspace !== context.workspace) return ok(undefined);
  return ok(toObserved(sighting, await routedOf(host, sighting)));
}
