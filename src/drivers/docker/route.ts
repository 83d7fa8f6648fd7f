import type { Call } from '../../model/plan.ts';
import { toAgentSpec } from '../../model/spec.ts';
import { deadlineSignal } from '../../util/deadline.ts';
import { err, ok } from '../../util/result.ts';
import type { ExecuteContext } from '../driver.ts';
import type { Answer, Engine } from './engine.ts';
import type { ContainerDetails, EndpointDetails } from './engine-types.ts';
import { attachedName, isAttached, replicaAliases, routing } from './network.ts';
import { readRecord } from './record.ts';
import { findContainer, goneError } from './target.ts';

/** Milliseconds in which a container that was taken off its network is put back, whatever else happens. */
const reconnectWithin = 20_000;

/**
 * Has the names of an agent lead to a container, or away from it. An engine cannot change the names of one that is on
 * its network, so it is taken off and put back at once, at the same address: its connections outlive that.
 */
export async function routeContainer(
  engine: Engine,
  call: Extract<Call, { readonly verb: 'route' | 'unroute' }>,
  context: ExecuteContext,
): Answer<{ readonly ref?: string }> {
  const found = await findContainer(engine, call, context, context.signal);
  if (!found.ok) return found;
  if (!found.value) return call.verb === 'unroute' ? ok({}) : err(goneError(call));
  const { Id: ref, Config: config, NetworkSettings: settings } = found.value;
  const record = readRecord(config.Labels);
  const network = record && toAgentSpec(record.lastApplied).network;
  const { address } = call;
  const { workspace } = context;
  if (!network || !isAttached(network)) return ok({ ref });
  const name = attachedName(workspace, network);
  const endpoint = settings.Networks?.[name];
  const route = call.verb === 'route';
  if (!endpoint || routing(found.value, network, { workspace, address }).routed === route) return ok({ ref });
  const aliases = [...(route ? network.aliases : []), ...replicaAliases(address)];
  const moved = await reattach(engine, found.value, { name, endpoint, aliases }, context);
  return moved.ok ? ok({ ref }) : moved;
}

/** An end of a container on a network, by the engine's name, and the names it is to have there. */
export interface Attachment {
  readonly name: string;
  readonly endpoint: EndpointDetails;
  readonly aliases: readonly string[];
}

/** Takes a container off a network and puts it back at once, at the same address where it has one of its own. */
export async function reattach(
  engine: Engine,
  { Id: ref }: ContainerDetails,
  { name, endpoint, aliases }: Attachment,
  context: ExecuteContext,
): Answer<void> {
  // not the caller's signal: whoever gives up between the two calls would leave it without a network
  const signal = deadlineSignal(reconnectWithin);
  const disconnected = await engine.disconnect(name, ref, signal);
  if (!disconnected.ok) return disconnected;
  const own = endpoint.IPAMConfig?.IPv4Address;
  const config = {
    Aliases: aliases,
    // neighbours remember it by this; engines that derive it from the address need not be told
    ...(endpoint.MacAddress ? { MacAddress: endpoint.MacAddress } : {}),
  };
  const connected = own
    ? await engine.connect(name, ref, { ...config, IPAMConfig: { IPv4Address: own } }, signal)
    : undefined;
  const settled = connected?.ok ? connected : await engine.connect(name, ref, { Aliases: aliases }, signal);
  if (!settled.ok) return settled;
  const now = await engine.container(ref, signal);
  const ip = now.ok ? now.value?.NetworkSettings.Networks?.[name]?.IPAddress : undefined;
  if (ip !== undefined && ip !== endpoint.IPAddress) {
    context.progress(`its address was ${endpoint.IPAddress} and is ${ip}: connections that it had were cut`);
  }
  return ok(undefined);
}
