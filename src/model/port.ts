import { err, ok, type Result } from '../util/result.ts';
import type { UnitError } from './unit-error.ts';

/** A transport protocol that can be published. */
export type PortProtocol = 'tcp' | 'udp';

/** The version of the PROXY protocol by which a replica is told who its client is. */
export type ProxyProtocol = 'v1' | 'v2';

/** One container port as it was written; what is absent was not said. */
export interface PortMapping {
  readonly container: number;
  readonly protocol?: PortProtocol;
  /** A port, a range `8080-8089`, or 0 for any free one. */
  readonly host?: number | string;
  readonly hostIp?: string;
  readonly proxyProtocol?: ProxyProtocol;
}

/** A stretch of ports, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

const maxPort = 65_535;

/** The key of a container port: `8080/tcp`. */
export function portKey(container: number, protocol: PortProtocol): string {
  return `${String(container)}/${protocol}`;
}

/** Reads `8080/tcp` back; `undefined` when `key` is none. */
export function parsePortKey(key: string): { readonly container: number; readonly protocol: PortProtocol } | undefined {
  const [, container, protocol] = /^(\d{1,5})\/(tcp|udp)$/.exec(key) ?? [];
  return container === undefined ? undefined : { container: Number(container), protocol: protocol as PortProtocol };
}

/** The ports a `host` value names; `undefined` for 0, any free one, and for what is no host port. */
export function hostPortRange(host: number | string): PortRange | undefined {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(host)) ?? [];
  if (first === undefined || Number(first) === 0) return undefined;
  return { first: Number(first), last: Number(last) };
}

/** Whether something bound to the one address keeps another from binding the other: `0.0.0.0` and `::` mean all. */
export function hostIpsCollide(left: string, right: string): boolean {
  return left === right || isWildcard(left) || isWildcard(right);
}

/** A host port: `8080`, `"8080-8089"`, 0. A range of one port is that port. */
export function parseHostPort(value: number | string): Result<number | string, UnitError> {
  const text = String(value);
  if (text === '0') return ok(0);
  const range = parseRange(text, 'host port');
  if (!range.ok) return range;
  return ok(formatRange(range.value));
}

/** An address to listen on; brackets round an IPv6 address are taken off. */
export function parseHostIp(text: string): Result<string, UnitError> {
  const ip = /^\[.*\]$/.test(text) ? text.slice(1, -1) : text;
  if (isIp(ip)) return ok(ip);
  return err({
    message: `\`${text}\` is no IP address`,
    ...(text === 'localhost' ? { hint: 'did you mean `127.0.0.1`?' } : {}),
    ...(text === '*' ? { hint: 'did you mean `0.0.0.0`?' } : {}),
  });
}

/** Whether `text` is an IPv4 or IPv6 address, without brackets or zone. */
export function isIp(text: string): boolean {
  if (text.includes(':')) return URL.canParse(`http://[${text}]`);
  return /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text);
}

/**
 * Docker's port notation, `[[ip:]host:]container[/protocol]`, with ranges (`8000-8003:9000-9003` pairwise,
 * `8080-8089:80` one of several) and comma lists. One port alone says nothing of the host; `ip::80` asks for any free.
 */
export function parsePortMappings(text: string): Result<readonly PortMapping[], UnitError> {
  const mappings: PortMapping[] = [];
  for (const item of text.split(',')) {
    const parsed = parseMapping(item.trim());
    if (!parsed.ok) return parsed;
    mappings.push(...parsed.value);
  }
  return ok(mappings);
}

function parseMapping(text: string): Result<readonly PortMapping[], UnitError> {
  const [address = '', protocolText, ...rest] = text.split('/');
  if (rest.length > 0) return err(notPort(text));
  const protocol = protocolText?.toLowerCase();
  if (protocol !== undefined && protocol !== 'tcp' && protocol !== 'udp') {
    return err({ message: `\`${protocol}\` is no protocol a port can have`, hint: 'write `tcp` or `udp`' });
  }
  const { container, host, ip } = splitAddress(address);
  if (container === '') return err(notPort(text));
  const containers = parseRange(container, 'container port');
  if (!containers.ok) return containers;
  const hostIp = ip === undefined ? undefined : parseHostIp(ip);
  if (hostIp && !hostIp.ok) return hostIp;
  const hosts = pairHosts(containers.value, host, hostIp !== undefined, text);
  if (!hosts.ok) return hosts;
  return ok(
    hosts.value.map((hostPort, index) => ({
      container: containers.value.first + index,
      ...(protocol === undefined ? {} : { protocol }),
      ...(hostPort === undefined ? {} : { host: hostPort }),
      ...(hostIp === undefined ? {} : { hostIp: hostIp.value }),
    })),
  );
}

/** Everything before the last two colons is the address, so that a bare IPv6 address works. */
function splitAddress(text: string): { readonly container: string; readonly host?: string; readonly ip?: string } {
  const parts = text.split(':');
  const container = parts.pop() ?? '';
  const host = parts.pop();
  if (host === undefined) return { container };
  return parts.length === 0 ? { container, host } : { container, host, ip: parts.join(':') };
}

function pairHosts(
  containers: PortRange,
  host: string | undefined,
  hasIp: boolean,
  text: string,
): Result<readonly (number | string | undefined)[], UnitError> {
  const count = containers.last - containers.first + 1;
  if (host === undefined) return ok(Array.from({ length: count }, () => undefined));
  if (host === '' && !hasIp) return err(notPort(text));
  if (host === '' || host === '0') return ok(Array.from({ length: count }, () => 0));
  const hosts = parseRange(host, 'host port');
  if (!hosts.ok) return hosts;
  if (count === 1) return ok([formatRange(hosts.value)]);
  const { first, last } = hosts.value;
  if (last - first + 1 !== count) {
    return err({ message: `\`${text}\` has host and container ranges of different length` });
  }
  return ok(Array.from({ length: count }, (_, index) => first + index));
}

function parseRange(text: string, what: string): Result<PortRange, UnitError> {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (first === undefined) return err({ message: `\`${text}\` is no ${what}` });
  const range = { first: Number(first), last: Number(last) };
  if (range.first < 1 || range.last > maxPort || range.first > maxPort) {
    return err({ message: `${what} \`${text}\` is not within 1 and ${String(maxPort)}` });
  }
  if (range.first > range.last) return err({ message: `${what} range \`${text}\` runs backwards` });
  return ok(range);
}

function formatRange({ first, last }: PortRange): number | string {
  return first === last ? first : `${String(first)}-${String(last)}`;
}

function isWildcard(ip: string): boolean {
  return ip === '0.0.0.0' || ip === '::';
}

function notPort(text: string): UnitError {
  return { message: `\`${text}\` is no port`, hint: 'write it like `8080`, `8080:80/tcp` or `127.0.0.1:8080:80`' };
}
