import { lookup, Resolver } from 'node:dns/promises';

/**
 * Asks the engine's own name server, for names inside: `undefined` where it does not say. It passes on what it does not
 * know itself, so that a name that is gone may also just not be answered.
 */
export function lookUpInside(): (name: string) => Promise<readonly string[] | undefined> {
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  return async (name) => {
    try {
      return await resolver.resolve4(name);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOTFOUND' || code === 'ENODATA' ? [] : undefined;
    }
  };
}

/** Asks for the addresses of a name; none where it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/**
 * Asks the given name servers and no other: the engine's own would answer with the edge, whose aliases are the very
 * names that are asked for. IPv4 first; IPv6 only for names that have nothing else.
 */
export function resolveWith(servers: readonly string[]): Resolve {
  if (servers.length === 0) return async () => [];
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([...servers]);
  const none = (): string[] => [];
  return async (host) => {
    const four = await resolver.resolve4(host).catch(none);
    return four.length > 0 ? four : resolver.resolve6(host).catch(none);
  };
}

/** Asks as every program of this machine does, which knows names that no name server does. */
export const lookUpHere: Resolve = async (host) => {
  const found = await lookup(host, { all: true, order: 'ipv4first' }).catch(() => []);
  return found.map(({ address }) => address);
};
