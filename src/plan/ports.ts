import { fieldPath, type FieldPath } from '../model/field-path.ts';
import type { ObservedResource } from '../model/observed.ts';
import { isRunning } from '../model/version.ts';
import { isJsonObject, type JsonObject } from '../util/json.ts';

/** A port of the host, as one process can hold it. */
export interface HostPort {
  readonly port: number;
  /** `tcp` or `udp`. */
  readonly protocol: string;
  readonly hostIp: string;
}

/** A fixed host port that a spec asks for, and the field that does. Any-free ports are none. */
export interface AskedPort extends HostPort {
  readonly field: FieldPath;
}

/** The fixed host ports of one replica's spec, in the order of their fields. */
export function askedPorts(spec: JsonObject): readonly AskedPort[] {
  const { ports } = spec;
  if (!isJsonObject(ports)) return [];
  return Object.keys(ports)
    .sort()
    .flatMap((key) => {
      const published = ports[key];
      if (!isJsonObject(published)) return [];
      const { host, hostIp } = published;
      if (typeof host !== 'number' || host === 0) return [];
      const field = fieldPath('ports', key, 'host');
      return [{ port: host, protocol: protocolOf(key), hostIp: typeof hostIp === 'string' ? hostIp : '', field }];
    });
}

/** The host ports that a standing object holds: those it really publishes, and those it would when unpaused. */
export function heldPorts(object: ObservedResource): readonly HostPort[] {
  if (!isRunning(object)) return [];
  const published = object.published.map(({ port, host, hostIp }) => ({
    port: host,
    protocol: protocolOf(port),
    hostIp,
  }));
  return [...published, ...askedPorts(object.record.lastApplied)];
}

/** Whether two cannot be held at once. A wildcard address collides with every other, tcp and udp never collide. */
export function collide(left: HostPort, right: HostPort): boolean {
  if (left.port !== right.port || left.protocol !== right.protocol) return false;
  return left.hostIp === right.hostIp || isWildcard(left.hostIp) || isWildcard(right.hostIp);
}

/** Whether an address means every interface, so that the network reaches it. */
export function isWildcard(hostIp: string): boolean {
  return hostIp === '' || hostIp === '0.0.0.0' || hostIp === '::' || hostIp === '[::]';
}

/** `8080`, and `53/udp` where it is not tcp. */
export function formatHostPort({ port, protocol }: HostPort): string {
  return protocol === 'tcp' ? String(port) : `${String(port)}/${protocol}`;
}

/** The protocol of a port key: `8080/tcp`. */
export function protocolOf(key: string): string {
  return key.split('/')[1] ?? 'tcp';
}
