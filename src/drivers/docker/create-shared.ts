import type { DriverError } from '../../model/outcome.ts';
import type { CreateCall } from '../../model/plan.ts';
import { compareCodeUnits } from '../../util/compare.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { ExecuteContext } from '../driver.ts';
import type { Engine } from './engine.ts';
import { engineHalf } from './address-pool.ts';
import type { AddressPool, Labels, NetworkDetails } from './engine-types.ts';
import { recordLabels } from './record.ts';
import { recordOf } from '../record-of.ts';
import { nameTaken, standsAlready } from './standing.ts';

/** The option of a bridge on which the engine's machine has no address: agents on it reach no port of the machine. */
export const withoutHost = 'com.docker.network.bridge.inhibit_ipv4';

type Created = Promise<Result<{ readonly ref: string }, DriverError>>;

/**
 * Creates a network on which half of the addresses are left to aac, so that a container can be taken off it and put
 * back where it was. Which addresses are free only the engine knows: it makes the network as it likes, and then once
 * more with the same ones, halved. Where that fails a network as it likes has to do.
 */
export async function createNetwork(engine: Engine, call: CreateCall, context: ExecuteContext): Created {
  const { signal } = context;
  const found = await makeNetwork(engine, call, context);
  if (!found.ok || !found.value.fresh) return found;
  const { ref } = found.value;
  const [pool, ...others] = found.value.fresh;
  const half = pool && others.length === 0 ? engineHalf(pool) : undefined;
  if (!pool?.Subnet || half === undefined) return ok({ ref });
  const removed = await engine.removeNetwork(ref, signal);
  if (!removed.ok) return ok({ ref }); // somebody stands on it already
  const halved = await makeNetwork(engine, call, context, { Subnet: pool.Subnet, IPRange: half });
  return halved.ok || halved.error.retry === 'transient' ? halved : makeNetwork(engine, call, context);
}

/**
 * Engines before 23 take one name twice when asked at the same moment, so afterwards all of that name are looked at: the
 * oldest stays, and whoever made another takes it away again. `fresh`: the addresses of one that was made here.
 */
async function makeNetwork(
  engine: Engine,
  call: CreateCall,
  context: ExecuteContext,
  pool?: AddressPool,
): Promise<Result<{ readonly ref: string; readonly fresh?: readonly AddressPool[] }, DriverError>> {
  const { name } = call.target;
  const network = {
    Internal: call.spec.internal === true,
    ...(call.spec.isolated === true ? { Options: { [withoutHost]: 'true' } } : {}),
    Labels: labelsFor(call, context),
    ...(pool ? { IPAM: { Config: [pool] } } : {}),
  };
  const created = await engine.createNetwork(name, network, context.signal);
  if (!created.ok && created.error.code !== 'conflict') {
    const hint = 'where the engine has no addresses left: `docker network prune` takes away what nobody uses';
    return err({ hint, ...created.error, message: `failed to create network \`${name}\`: ${created.error.message}` });
  }
  const listed = await engine.listNetworks({ name: [name] }, context.signal);
  if (!listed.ok) return listed;
  const winner = listed.value.filter((network) => network.Name === name).sort(byAge)[0];
  if (created.ok && winner?.Id !== created.value) {
    const removed = await engine.removeNetwork(created.value, context.signal);
    if (!removed.ok) return removed;
  }
  if (!winner) return created.ok ? ok({ ref: created.value }) : err({ ...created.error, retry: 'transient' });
  if (standsAlready(winner.Labels, call, context)) {
    const isFresh = created.ok && winner.Id === created.value;
    return ok({ ref: winner.Id, ...(isFresh ? { fresh: winner.IPAM?.Config ?? [] } : {}) });
  }
  return err(nameTaken('network', name, winner.Id, winner.Labels));
}

/** Creates a named volume. The engine answers with whatever volume has that name, so its labels are checked. */
export async function createVolume(engine: Engine, call: CreateCall, context: ExecuteContext): Created {
  const { name } = call.target;
  const created = await engine.createVolume(name, labelsFor(call, context), context.signal);
  if (!created.ok) return created;
  const found = await engine.volume(name, context.signal);
  if (!found.ok) return found;
  const labels = found.value?.Labels ?? null;
  return standsAlready(labels, call, context) ? ok({ ref: name }) : err(nameTaken('volume', name, name, labels));
}

function labelsFor(call: CreateCall, context: ExecuteContext): Labels {
  const labels = recordLabels(recordOf(call, context, {}));
  if ('tooLarge' in labels) throw new Error('the spec of a network or volume is always small');
  return labels;
}

function byAge(left: NetworkDetails, right: NetworkDetails): number {
  return compareCodeUnits(left.Created, right.Created) || compareCodeUnits(left.Id, right.Id);
}
