import type { EdgeDocument, EdgeTarget } from '../model/edge.ts';

/**
 * The replicas of a group: those that were pushed, and the addresses of the name that it is known by. An address that
 * the name no longer has drains for as long as it has connections.
 */
export class Replicas {
  readonly #seen = new Map<string, Set<string>>();
  readonly #addresses: (name: string) => readonly string[];
  readonly #open: (group: string, id: string) => number;

  constructor(addresses: (name: string) => readonly string[], open: (group: string, id: string) => number) {
    this.#addresses = addresses;
    this.#open = open;
  }

  of({ targets, names, checks }: EdgeDocument, group: string): Readonly<Record<string, EdgeTarget>> {
    const pushed = targets[group] ?? {};
    const name = names[group];
    if (name === undefined) return pushed;
    const found = this.#addresses(name);
    const check = checks?.[group];
    const seen = this.#seen.get(group) ?? new Set();
    this.#seen.set(group, seen);
    for (const address of found) seen.add(address);
    const entries = [...seen].flatMap((address): (readonly [string, EdgeTarget])[] => {
      if (found.includes(address)) return [[address, { host: address, state: 'ready', ...(check ? { check } : {}) }]];
      if (this.#open(group, address) > 0) return [[address, { host: address, state: 'draining' }]];
      seen.delete(address);
      return [];
    });
    return { ...pushed, ...Object.fromEntries(entries) };
  }
}
