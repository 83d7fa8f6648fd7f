import type { EdgeDocument, EdgeStatus, EdgeTraffic } from '../model/edge.ts';

/** What an edge has counted, by the keys of its document. */
export interface Counted {
  /** All groups that it leads to. */
  readonly groups: readonly string[];
  /** By `8080/tcp` for a route, by `client web` for an agent. */
  traffic(key: string): EdgeTraffic;
  denied(agent: string): number;
  /** Ids of the replicas that stand behind a group now. */
  replicas(group: string): readonly string[];
  open(group: string, id: string): number;
  isWell(group: string, id: string): boolean;
  readonly failures: Readonly<Record<string, string>>;
}

/** What an edge says of itself. */
export function statusOf(document: EdgeDocument, counted: Counted): EdgeStatus {
  const { groups } = counted;
  const clients = Object.keys(document.clients);
  return {
    document,
    routes: record(Object.keys(document.routes), (key) => counted.traffic(key)),
    open: record(groups, (group) => record(counted.replicas(group), (id) => counted.open(group, id))),
    unwell: record(groups, (group) => counted.replicas(group).filter((id) => !counted.isWell(group, id))),
    clients: record(clients, (agent) => ({
      ...counted.traffic(`client ${agent}`),
      denied: counted.denied(agent),
    })),
    failures: counted.failures,
  };
}

function record<T>(keys: readonly string[], valueOf: (key: string) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(keys.map((key) => [key, valueOf(key)]));
}
