import ipaddr from 'ipaddr.js';

/** Which of a name's addresses may be connected to. */
export interface AddressPolicy {
  /** The entry says that the host is on a private network. */
  readonly private: boolean;
  /** The machine that the edge runs on counts as private. */
  readonly machine?: boolean;
  /** The edge's own addresses. */
  readonly own: readonly string[];
  /** The networks of the agents: none is reached through the edge as if it were outside. */
  readonly subnets: readonly string[];
}

/** Why an address may not be connected to; `undefined` where it may. Only what is certainly public is public. */
export function refusedAddress(address: string, policy: AddressPolicy): string | undefined {
  if (!ipaddr.isValid(address)) return `\`${address}\` is no address`;
  const parsed = ipaddr.process(address); // an IPv4 address within an IPv6 one counts as what it is
  const range = parsed.range();
  if (policy.own.some((own) => ipaddr.isValid(own) && same(ipaddr.process(own), parsed))) return 'the edge itself';
  if (policy.subnets.some((subnet) => within(parsed, subnet))) return "on an agent's network";
  if (range === 'unicast') return undefined;
  const isMachine = policy.machine === true && range === 'loopback';
  const inside = isMachine || range === 'private' || range === 'uniqueLocal' || range === 'carrierGradeNat';
  if (inside && policy.private) return undefined;
  return inside ? 'a private address' : `not a public address (${words(range)})`;
}

/** Whether an address lies in a network in CIDR form. */
export function inSubnet(address: string, subnet: string): boolean {
  return ipaddr.isValid(address) && within(ipaddr.process(address), subnet);
}

function within(address: ipaddr.IPv4 | ipaddr.IPv6, subnet: string): boolean {
  if (!ipaddr.isValidCIDR(subnet)) return false;
  const [base, bits] = ipaddr.parseCIDR(subnet);
  return base.kind() === address.kind() && address.match(base, bits);
}

function same(left: ipaddr.IPv4 | ipaddr.IPv6, right: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return left.toNormalizedString() === right.toNormalizedString();
}

/** `linkLocal` → `link local`. */
function words(range: string): string {
  return range.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
