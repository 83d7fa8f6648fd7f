import { isEdge, parseAddress, type Address } from '../model/address.ts';
import type { EdgeClient, EdgeRoute, EdgeStatus, EdgeTraffic } from '../model/edge.ts';
import type { ObservedResource } from '../model/observed.ts';
import { compareCodeUnits, sortedEntries } from '../util/compare.ts';
import type { EdgeReading } from './edges.ts';

/** What an agent has to do with an edge, by the counters of the edge, which run since it started. */
export type EdgeSection =
  /** It is the edge. */
  | { readonly type: 'itself'; readonly status: EdgeStatus }
  /** The edge holds ports for it, or lets it out. */
  | ({ readonly type: 'behind' } & BehindEdge)
  /** The edge runs and could not be asked. */
  | { readonly type: 'silent'; readonly message: string };

/** An agent that an edge stands before. */
export interface BehindEdge {
  /** What the edge listens on, `8080/tcp`, and what went through there, to all replicas. */
  readonly routes: Readonly<Record<string, EdgeRoute & EdgeTraffic>>;
  /** Connections open now, by the object that holds them, of this replica alone. */
  readonly open: Readonly<Record<string, number>>;
  /** Where it may go, and what went out, of all replicas; absent where the edge is not its way out. */
  readonly out?: Pick<EdgeClient, 'allow' | 'services'> & EdgeTraffic & { readonly denied: number };
}

/** Connections that a replica has through an edge. */
export interface OpenConnections {
  readonly group: string;
  /** Absent where nothing is known to stand there any more; then `id` is all that the edge says. */
  readonly replica?: ObservedResource;
  readonly id: string;
  readonly count: number;
}

/** What edges have to tell of one address; `undefined` where none has to do with it. */
export function edgeSection(
  address: Address,
  readings: readonly EdgeReading[],
  agents: readonly ObservedResource[],
): EdgeSection | undefined {
  for (const { edge, status } of readings) {
    if (!status.ok) {
      if (address === edge.address) return { type: 'silent', message: status.error.message };
    } else if (isEdge(address)) return { type: 'itself', status: status.value };
    else {
      const behind = behindEdge(address, status.value, agents);
      if (behind) return { type: 'behind', ...behind };
    }
  }
  return undefined;
}

function behindEdge(address: Address, status: EdgeStatus, agents: readonly ObservedResource[]): BehindEdge | undefined {
  const parts = parseAddress(address);
  if (parts?.index === undefined) return undefined;
  const { document, clients } = status;
  const routes = sortedEntries(document.routes).filter(([, { group }]) => group === parts.name);
  const client = Object.hasOwn(document.clients, parts.name) ? document.clients[parts.name] : undefined;
  if (routes.length === 0 && !client) return undefined;
  const held = openConnections(status, agents).filter(({ replica }) => replica?.address === address);
  const counted = clients[parts.name];
  return {
    routes: Object.fromEntries(routes.map(([key, route]) => [key, { ...route, ...(status.routes[key] ?? nothing) }])),
    open: Object.fromEntries(held.map(({ replica, id, count }) => [replica?.name ?? id, count])),
    ...(client
      ? { out: { allow: client.allow, services: client.services, ...nothing, denied: 0, ...(counted ?? {}) } }
      : {}),
  };
}

const nothing: EdgeTraffic = { connections: 0, sent: 0, received: 0 };

/** The replicas that an edge tells of, each with the object that it is: an edge knows addresses, or names of objects. */
export function openConnections({ open }: EdgeStatus, agents: readonly ObservedResource[]): readonly OpenConnections[] {
  return sortedEntries(open).flatMap(([group, replicas]) =>
    Object.entries(replicas)
      .sort(([left], [right]) => compareCodeUnits(left, right))
      .map(([id, count]) => {
        const replica = agents.find(
          (agent) => parseAddress(agent.address)?.name === group && isKnownBy(agent, id) && !isEdge(agent.address),
        );
        return { group, id, count, ...(replica ? { replica } : {}) };
      }),
  );
}

function isKnownBy({ addresses = [], name, ref }: ObservedResource, id: string): boolean {
  return addresses.includes(id) || name === id || ref === id;
}
