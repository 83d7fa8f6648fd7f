import { parseAddress } from '../model/address.ts';
import { documentOf } from '../model/edge-document.ts';
import type { ObservedResource, PublishedPort } from '../model/observed.ts';

/** A host port of an edge, and the port of the agent that it leads to. */
export interface EdgePort extends PublishedPort {
  readonly agent: string;
}

/** The host ports that edges hold for agents, with the agents' own ports: `8080/tcp` of `web` at host port 80. */
export function edgePorts(agents: readonly ObservedResource[]): readonly EdgePort[] {
  return agents.flatMap((edge) => {
    const routes = documentOf(edge)?.routes ?? {};
    return edge.published.flatMap(({ port: listening, host, hostIp }) => {
      const route = routes[listening];
      if (!route) return [];
      const [, protocol = 'tcp'] = listening.split('/');
      return [{ agent: route.group, port: `${String(route.port)}/${protocol}`, host, hostIp }];
    });
  });
}

/** Those of them that lead to this replica; none while the names of its agent do not lead to it. */
export function edgePortsOf(
  { address, routed }: ObservedResource,
  ports: readonly EdgePort[],
): readonly PublishedPort[] {
  const parts = parseAddress(address);
  if (routed === false || parts?.index === undefined) return [];
  return ports.filter(({ agent }) => agent === parts.name);
}
