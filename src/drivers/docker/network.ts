import type { Agent, Project } from '../../model/agent.ts';
import { networkTemplate, parseAddress, singleAddress, type Address } from '../../model/address.ts';
import { sharedObjectName } from '../../model/name.ts';
import type { ObservedResource } from '../../model/observed.ts';
import { isIp } from '../../model/port.ts';
import type { NetworkAttachment } from '../../model/spec.ts';
import { compareCodeUnits, sortedEntries } from '../../util/compare.ts';
import type { Json, JsonObject } from '../../util/json.ts';
import type { ContainerDetails, EndpointDetails, HostNetwork } from './engine-types.ts';

/** Where containers of a workspace are looked at, and which networks there are. */
export interface NetworkContext {
  readonly workspace: string;
  readonly address: Address;
  /** Ids of the networks there are: what a container says of a network may be out of date. */
  readonly networkIds: ReadonlySet<string>;
}

/** How an agent is connected; it is found under its own name, and under more where the manifest says so. */
export function networkSpec(agent: Agent, project: Project): NetworkAttachment {
  const { mode, dns, dnsSearch, aliases, extraHosts } = agent.network;
  const hosts = { ...serviceHosts(agent), ...extraHosts };
  const external = mode.type === 'named' && project.networks[mode.name]?.external === true;
  const attached = mode.type === 'bridge' || mode.type === 'named';
  return {
    name: mode.type === 'named' ? mode.name : mode.type === 'bridge' ? 'default' : mode.type,
    ...(external ? { external } : {}),
    aliases: attached ? [...new Set([agent.name, ...aliases])] : [],
    ...(dns.length > 0 ? { dns } : {}),
    ...(dnsSearch.length > 0 ? { dnsSearch } : {}),
    ...(Object.keys(hosts).length > 0 ? { extraHosts: hosts } : {}),
  };
}

/** `<NAME>_HOST` and `<NAME>_PORT` of everything the agent calls: an agent by its name, all else by its address. */
export function serviceEnvironment({ services }: Agent): Readonly<Record<string, string>> {
  return Object.fromEntries(
    services.flatMap(({ name, host, port }) => {
      const prefix = name.toUpperCase().replaceAll('-', '_');
      return [
        [`${prefix}_HOST`, host === undefined || host === 'host-gateway' ? name : host],
        ...(port === undefined ? [] : [[`${prefix}_PORT`, String(port)]]),
      ];
    }),
  ) as Record<string, string>;
}

/** Services at an address answer under their name too; for a host name there is only the variable. */
function serviceHosts({ services }: Agent): Readonly<Record<string, string>> {
  return Object.fromEntries(
    services.flatMap(({ name, host }) =>
      host !== undefined && (host === 'host-gateway' || isIp(host)) ? [[name, host]] : [],
    ),
  );
}

/** Whether the attachment is to a network that has a name in the engine. */
export function isAttached({ name }: NetworkAttachment): boolean {
  return name !== 'host' && name !== 'none';
}

/** The engine's name of one of the project's networks. */
export function networkName(workspace: string, name: string): string {
  return sharedObjectName(workspace, singleAddress(networkTemplate(name)));
}

/** The engine's name of the network an agent is attached to: an external one has its own. */
export function attachedName(
  workspace: string,
  { name, external }: Pick<NetworkAttachment, 'name' | 'external'>,
): string {
  return external === true ? name : networkName(workspace, name);
}

/** The network settings of a new container. */
export function hostNetwork(network: NetworkAttachment | undefined, workspace: string): HostNetwork {
  if (!network) return { NetworkMode: 'bridge' };
  const { name, dns, dnsSearch, extraHosts } = network;
  return {
    NetworkMode: isAttached(network) ? attachedName(workspace, network) : name,
    ...(dns ? { Dns: dns } : {}),
    ...(dnsSearch ? { DnsSearch: dnsSearch } : {}),
    ...(extraHosts ? { ExtraHosts: sortedEntries(extraHosts).map(([host, ip]) => `${host}:${ip}`) } : {}),
  };
}

/** The declared network while the container is attached to it, with those of its settings that it has. */
export function liveNetwork(
  container: ContainerDetails,
  network: NetworkAttachment,
  { workspace, address, networkIds }: NetworkContext,
): Json | undefined {
  const { HostConfig: host, NetworkSettings: settings } = container;
  const { dns, dnsSearch, extraHosts, also, ...attachment } = network;
  const declared: JsonObject = {
    ...(also ? { also: liveOthers(container, also, { workspace, networkIds }) } : {}),
    ...(dns ? { dns: host.Dns ?? [] } : {}),
    ...(dnsSearch ? { dnsSearch: host.DnsSearch ?? [] } : {}),
    ...(extraHosts ? { extraHosts: liveHosts(host.ExtraHosts ?? []) } : {}),
  };
  if (!isAttached(network)) return { ...attachment, name: host.NetworkMode ?? '', ...declared };
  const endpoint = settings.Networks?.[attachedName(workspace, network)];
  if (!endpoint || isPredecessor(endpoint, networkIds)) return undefined;
  const known = new Set(endpoint.Aliases ?? []);
  const aliases = isWithheld(known, network, address) ? network.aliases : network.aliases.filter((it) => known.has(it));
  return { ...attachment, aliases, ...declared };
}

/** Whether somebody is attached to a network that is gone, and was called as one that is there. */
function isPredecessor({ NetworkID: id }: EndpointDetails, networkIds: ReadonlySet<string>): boolean {
  return id !== '' && !networkIds.has(id); // empty until the first start
}

/**
 * Whether the names that a container shares with the other replicas of its agent lead to it, and whether they do so
 * until it stops, as its network keeps no address for it; nothing of both where it has no such names.
 */
export function routing(
  container: ContainerDetails,
  network: NetworkAttachment | undefined,
  { workspace, address }: Omit<NetworkContext, 'networkIds'>,
): Pick<ObservedResource, 'routed' | 'keepsNames'> {
  if (!network || !isAttached(network)) return {};
  const endpoint = container.NetworkSettings.Networks?.[attachedName(workspace, network)];
  if (!endpoint) return {};
  const routed = !isWithheld(new Set(endpoint.Aliases ?? []), network, address);
  return endpoint.IPAMConfig?.IPv4Address ? { routed } : { routed, keepsNames: true };
}

/** A container that has its own name alone has not been given the shared ones, or has lost them, all at once. */
function isWithheld(known: ReadonlySet<string>, { aliases }: NetworkAttachment, address: Address): boolean {
  return replicaAliases(address).some((alias) => known.has(alias)) && !aliases.some((alias) => known.has(alias));
}

/** The names under which an agent's replica is found on its network beside those of its spec. */
export function replicaAliases(address: Address): readonly string[] {
  const parts = parseAddress(address);
  return parts?.index === undefined ? [] : [`${parts.name}-${String(parts.index)}`];
}

/** Those of the further networks that the container is attached to, with all names there but the engine's own for it. */
function liveOthers(
  { Id: id, NetworkSettings: settings }: ContainerDetails,
  also: NonNullable<NetworkAttachment['also']>,
  { workspace, networkIds }: Pick<NetworkContext, 'workspace' | 'networkIds'>,
): JsonObject {
  return Object.fromEntries(
    Object.entries(also).flatMap(([name, other]) => {
      const endpoint = settings.Networks?.[attachedName(workspace, other)];
      if (!endpoint || isPredecessor(endpoint, networkIds)) return [];
      const aliases = (endpoint.Aliases ?? []).filter((alias) => !id.startsWith(alias)).sort(compareCodeUnits);
      return [[name, { ...other, aliases }]];
    }),
  );
}

function liveHosts(entries: readonly string[]): JsonObject {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf(':');
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
