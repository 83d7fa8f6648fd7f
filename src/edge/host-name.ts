import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import type { AllowedHost } from '../model/edge.ts';
import { defaultEgressPorts } from '../model/edge.ts';

/**
 * A host name as it is compared: lower case, punycode, no dot at the end. `undefined` for what is no name: addresses in
 * any notation that a client may read as one (`127.1`, `0x7f000001`), and anything with characters that no name has.
 */
export function hostName(written: string): string | undefined {
  if (!/^[^\s/\\%:@?#[\]]{1,253}$/.test(written)) return undefined;
  const name = domainToASCII(written).toLowerCase().replace(/\.$/, '');
  if (name === '' || name.length > 253 || isIP(name) !== 0) return undefined;
  const parts = name.split('.');
  if (!parts.every((part) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(part))) return undefined;
  return /^(0x[0-9a-f]*|\d+)$/.test(parts.at(-1) ?? '') ? undefined : name;
}

/** Host and port of `name:port`; the port `fallback` where none is written. `undefined` for anything else. */
export function hostAndPort(written: string, fallback: number): { host: string; port: number } | undefined {
  const [, name = '', digits] = /^([^:]+)(?::(\d{1,5}))?$/.exec(written) ?? [];
  const host = hostName(name);
  const port = digits === undefined ? fallback : Number(digits);
  return host === undefined || port < 1 || port > 65535 ? undefined : { host, port };
}

/** The entry that allows a host, given as {@link hostName} makes it; one that allows private addresses goes first. */
export function allowingEntry(
  allow: readonly AllowedHost[],
  { host, port }: { readonly host: string; readonly port: number },
): AllowedHost | undefined {
  const entries = allow.filter((entry) => covers(entry.host, host) && portAllowed(entry.port, port));
  return entries.find((entry) => entry.private) ?? entries[0];
}

function covers(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return hostName(pattern) === host;
  const domain = hostName(pattern.slice(2));
  return domain !== undefined && host.endsWith(`.${domain}`);
}

function portAllowed(allowed: number | undefined, port: number): boolean {
  return allowed === undefined ? defaultEgressPorts.includes(port) : allowed === port;
}
