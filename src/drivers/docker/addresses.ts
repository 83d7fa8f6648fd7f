import type { NetworkAttachment } from '../../model/spec.ts';
import { ok } from '../../util/result.ts';
import type { WorkspaceContext } from '../driver.ts';
import { chooseAddress } from './address-pool.ts';
import type { Answer, Engine } from './engine.ts';
import type { ContainerDetails, NetworkDetails } from './engine-types.ts';
import { attachedName, isAttached } from './network.ts';

/** Addresses that were chosen here for containers that may not run yet: networks tell only of those that run. */
const chosen = new WeakMap<Engine, Set<string>>();

/**
 * An address for a new container, which it keeps when it is taken off its network for a moment and whenever it starts
 * again; `undefined` where the network gives none: it is somebody else's, or was not made by {@link engineHalf}.
 */
export async function ownAddress(
  engine: Engine,
  network: NetworkAttachment | undefined,
  name: string,
  { workspace, signal }: WorkspaceContext & { readonly signal: AbortSignal },
): Promise<string | undefined> {
  if (!network || !isAttached(network) || network.external === true) return undefined;
  const found = await engine.network(attachedName(workspace, network), signal);
  return found.ok && found.value ? choose(engine, found.value, name) : undefined;
}

/**
 * Gives a container that could not start another address where its own is somebody else's by now: of two applies that
 * chose at the same moment, say. Tells whether it did.
 */
export async function changeTakenAddress(
  engine: Engine,
  { Id: ref, Name: name, NetworkSettings: settings }: ContainerDetails,
  signal: AbortSignal,
): Answer<boolean> {
  for (const [network, endpoint] of Object.entries(settings.Networks ?? {})) {
    const own = endpoint.IPAMConfig?.IPv4Address;
    if (!own) continue;
    const found = await engine.network(network, signal);
    if (!found.ok) return found;
    if (!found.value || !addressesOn(found.value, ref).has(own)) continue;
    const ip = choose(engine, found.value, name);
    if (ip === undefined) continue;
    const disconnected = await engine.disconnect(network, ref, signal);
    if (!disconnected.ok) return disconnected;
    const aliases = endpoint.Aliases ?? [];
    const connected = await engine.connect(network, ref, { Aliases: aliases, IPAMConfig: { IPv4Address: ip } }, signal);
    return connected.ok ? ok(true) : connected;
  }
  return ok(false);
}

function choose(engine: Engine, network: NetworkDetails, name: string): string | undefined {
  const ours = chosen.get(engine) ?? new Set();
  chosen.set(engine, ours);
  const pools = network.IPAM?.Config ?? [];
  const running = addressesOn(network);
  let ip = chooseAddress(pools, name, new Set([...running, ...ours]));
  if (ip === undefined) {
    ours.clear(); // most of them run or are gone by now
    ip = chooseAddress(pools, name, running);
  }
  if (ip !== undefined) ours.add(ip);
  return ip;
}

/** The addresses of all that runs on a network but one. */
function addressesOn({ Containers: containers }: NetworkDetails, except?: string): ReadonlySet<string> {
  return new Set(
    Object.entries(containers ?? {}).flatMap(([ref, { IPv4Address: ip }]) =>
      ref === except || !ip ? [] : [ip.split('/')[0] ?? ''],
    ),
  );
}
