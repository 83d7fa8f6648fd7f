import { defaultEgressPorts, edgeProxy, type EdgeClient, type EdgeDocument } from '../model/edge.ts';

/** All that has to be listened on: routes, and where agents may want to go out. */
export function listeningKeys({ routes, clients }: EdgeDocument): ReadonlySet<string> {
  const ports = Object.values(clients).flatMap(portsOut);
  return new Set([...Object.keys(routes), ...ports.map((port) => `${String(port)}/tcp`)]);
}

/** The ports that a client may want to go out by. */
export function portsOut({ allow, services }: EdgeClient): readonly number[] {
  const ports = [
    ...Object.keys(services).map(Number),
    ...(allow.length === 0 ? [] : [...defaultEgressPorts, edgeProxy.port]),
    ...allow.flatMap(({ port }) => (port === undefined ? [] : [port])),
  ];
  return [...new Set(ports)];
}
