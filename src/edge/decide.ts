import type { AllowedHost, EdgeClient, EdgeDecision } from '../model/edge.ts';
import { refusedAddress, type AddressPolicy } from './address-guard.ts';
import { allowingEntry, hostName } from './host-name.ts';

/** What an agent asks for: the host as it wrote it. */
export interface Wish {
  readonly via: EdgeDecision['via'];
  readonly host: string;
  readonly port: number;
}

/** Why it may not go there. */
interface Refusal {
  readonly ok: false;
  readonly reason: string;
}

/** Whether it may go there, and to which address. */
export type Verdict = { readonly ok: true; readonly address: string } | Refusal;

/** Whether the rules let a client ask for a host at all, and which does; its addresses have still to be looked at. */
export function allowedByName(
  client: EdgeClient,
  { host, port }: Pick<Wish, 'host' | 'port'>,
): { readonly ok: true; readonly name: string; readonly rule: AllowedHost } | Refusal {
  const name = hostName(host);
  if (name === undefined) return { ok: false, reason: 'not a host name: addresses are not allowed' };
  const rule = allowingEntry(client.allow, { host: name, port });
  return rule ? { ok: true, name, rule } : { ok: false, reason: 'not in the list of allowed hosts' };
}

/** The first address that may be connected to. What is connected to is this address, never the name again. */
export function allowedAddress(addresses: readonly string[], policy: AddressPolicy): Verdict {
  if (addresses.length === 0) return { ok: false, reason: 'the name does not resolve' };
  const refusals: string[] = [];
  for (const address of addresses) {
    const refusal = refusedAddress(address, policy);
    if (refusal === undefined) return { ok: true, address };
    refusals.push(`${address} is ${refusal}`);
  }
  return { ok: false, reason: refusals.join(', ') };
}
