import { networkInterfaces } from 'node:os';

/** The networks, in CIDR form, of the interfaces that have one of these addresses. */
export function networksOf(addresses: readonly string[]): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((entries) =>
    (entries ?? []).flatMap(({ address, cidr }) => (cidr !== null && addresses.includes(address) ? [cidr] : [])),
  );
}

/** The addresses of this machine, or of the container that this runs in. */
export function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((entries) => (entries ?? []).map(({ address }) => address));
}
