import { hashJson } from '../../util/hash.ts';
import type { AddressPool } from './engine-types.ts';

/** The lower half of a network's addresses, for the engine to give out; the upper half stays for aac. */
export function engineHalf({ Subnet: subnet }: AddressPool): string | undefined {
  const parsed = parseSubnet(subnet);
  return parsed && parsed.bits <= 27 ? `${formatIp(parsed.base)}/${String(parsed.bits + 1)}` : undefined;
}

/**
 * An address for the container `name` in the half that the engine leaves alone, not among the `taken`; `undefined` where
 * the network has no such half or nothing is left of it. Where the search begins is a matter of the name, so that
 * several who choose at the same moment choose differently.
 */
export function chooseAddress(
  pools: readonly AddressPool[],
  name: string,
  taken: ReadonlySet<string>,
): string | undefined {
  const [pool, ...others] = pools.filter(({ Subnet }) => parseSubnet(Subnet) !== undefined);
  const subnet = parseSubnet(pool?.Subnet);
  if (!pool || !subnet || others.length > 0 || pool.IPRange !== engineHalf(pool)) return undefined;
  const half = 2 ** (31 - subnet.bits);
  const choices = half - 1; // the last one is for broadcasts
  const first = Number.parseInt(hashJson(name, 8), 16) % choices;
  for (let step = 0; step < choices; step += 1) {
    const ip = formatIp(subnet.base + half + ((first + step) % choices));
    if (!taken.has(ip)) return ip;
  }
  return undefined;
}

function parseSubnet(text: string | undefined): { readonly base: number; readonly bits: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text ?? '');
  if (!match) return undefined;
  const [one = 0, two = 0, three = 0, four = 0, bits = 32] = match.slice(1).map(Number);
  return { base: ((one * 256 + two) * 256 + three) * 256 + four, bits };
}

function formatIp(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
