import type { DriverError } from '../../model/outcome.ts';
import { ok, type Result } from '../../util/result.ts';
import type { Host } from './host.ts';
import { cookieOf } from './instance.ts';
import { sight, sightStrays, type Sighting } from './sighting.ts';

/** The instance of that name, and that ref where one is given: by its folder, else by its process. */
export async function findInstance(
  host: Host,
  workspace: string,
  name: string,
  ref: string | undefined,
): Promise<Result<Sighting | undefined, DriverError>> {
  const stored = await host.store(workspace).read(name);
  if (!stored.ok) return stored;
  if (stored.value && (ref === undefined || cookieOf(stored.value) === ref)) {
    return ok(await sight(host, stored.value));
  }
  const known = new Set(stored.value ? [cookieOf(stored.value)] : []);
  const strays = sightStrays(workspace, known, await host.system.processes());
  return ok(strays.find(({ instance }) => instance.name === name && (ref === undefined || cookieOf(instance) === ref)));
}
