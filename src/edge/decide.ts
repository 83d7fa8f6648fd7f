import type { EdgeClient, EdgeDecision } from '../model/edge.ts';
import { refusedAddress, type AddressPolicy } from './address-guard.ts';
import { allowingEntry, hostName } from './host-name.ts';

/** What an agent asks for: the host as it wrote it. */
export interface Wish {
  readonly via: EdgeDecision['via'];
  readonly host: string;
  readonly port: number;
}

/** Whether it may go there, and to which address. */
export type Verdict = { readonly ok: true; readonly address: string } | { readonly ok: false; readonly reason: string };

/** Whether the rules let a client ask for a host at all; the addresses of the host have still to be looked at. */
export function allowedByName(client: EdgeClient, { host, port }: Wish): Verdict & { readonly private?: boolean } {
  const name = hostName(host);
  if (name === undefined) return { ok: false, reason: 'not a host name: addresses are not allowed' };
  const entry = allowingEntry(client.allow, { host: name, port });
  if (!entry) return { ok: false, reason: 'not in the list of allowed hosts' };
  return { ok: true, address: name, private: entry.private === true };
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
