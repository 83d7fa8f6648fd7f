import { hostIpsCollide, hostPortRange, portKey, type ProxyProtocol } from '../../model/port.ts';
import type { PortSpec } from '../../model/spec.ts';
import type { Place } from '../locate.ts';
import { below, fieldPlace, type ResolveContext } from './context.ts';
import type { MergedSpec } from './layers.ts';

type Mapping = MergedSpec['ports'][number]['item'];

interface Port {
  readonly mapping: Mapping;
  readonly place: Place;
}

/** What is published, and where the client's address is asked for. */
export interface ResolvedPorts {
  readonly ports: Readonly<Record<string, PortSpec>>;
  readonly proxyProtocols: Readonly<Record<string, ProxyProtocol>>;
}

/** What is published: `ports` and `network.ports` as one, by container port. */
export function resolvePorts(context: ResolveContext): ResolvedPorts {
  const { ports, portDefaults } = context.merged;
  const published = new Map<string, Port>();
  for (const { item, place } of ports) {
    const key = portKey(item.container, item.protocol ?? portDefaults.protocol ?? 'tcp');
    const earlier = published.get(key);
    published.set(key, earlier ? unite(context, key, earlier, { mapping: item, place }) : { mapping: item, place });
  }
  const specs = [...published].map(([key, { mapping, place }]) => ({
    key,
    place,
    spec: {
      host: mapping.host ?? mapping.container,
      hostIp: mapping.hostIp ?? portDefaults.hostIp ?? '0.0.0.0',
    },
  }));
  checkCollisions(context, specs);
  checkMode(context, specs[0]?.place);
  return {
    ports: Object.fromEntries(specs.map(({ key, spec }) => [key, spec])),
    proxyProtocols: Object.fromEntries(
      [...published].flatMap(([key, { mapping, place }]) => {
        const { proxyProtocol } = mapping;
        if (proxyProtocol === undefined) return [];
        checkTransport(context, key, place);
        return [[key, proxyProtocol]];
      }),
    ),
  };
}

/** The PROXY protocol is said at the beginning of a connection, which UDP has none of. */
function checkTransport(context: ResolveContext, key: string, place: Place): void {
  if (!key.endsWith('/udp')) return;
  const message = `\`proxyProtocol\` of port \`${key}\` needs TCP`;
  context.reporter.error('conflicting-fields', message, below(place, 'proxyProtocol'), { hint: 'take it out' });
}

/** One port written twice: what the one leaves open the other may say. */
function unite(context: ResolveContext, key: string, first: Port, second: Port): Port {
  for (const field of ['host', 'hostIp', 'proxyProtocol'] as const) {
    const [left, right] = [first.mapping[field], second.mapping[field]];
    if (left === undefined || right === undefined || left === right) continue;
    context.reporter.error(
      'conflicting-fields',
      field === 'proxyProtocol'
        ? `port \`${key}\` is given \`proxyProtocol\` \`${String(left)}\` and \`${String(right)}\``
        : `port \`${key}\` is published at \`${String(left)}\` and at \`${String(right)}\``,
      second.place,
      { hint: 'take one of them out', related: [{ message: 'the other one', place: first.place }] },
    );
  }
  return { mapping: { ...second.mapping, ...first.mapping }, place: first.place };
}

interface PublishedPort {
  readonly key: string;
  readonly place: Place;
  readonly spec: PortSpec;
}

function checkCollisions(context: ResolveContext, ports: readonly PublishedPort[]): void {
  ports.forEach((port, index) => {
    const other = ports.slice(0, index).find((earlier) => collide(earlier, port));
    if (!other) return;
    context.reporter.error(
      'conflicting-fields',
      `host port \`${String(port.spec.host)}\` is asked for by \`${other.key}\` and \`${port.key}\``,
      port.place,
      { hint: 'give one of them another host port', related: [{ message: 'the other one', place: other.place }] },
    );
  });
}

function collide(left: PublishedPort, right: PublishedPort): boolean {
  if (left.key.split('/')[1] !== right.key.split('/')[1]) return false;
  const [one, other] = [hostPortRange(left.spec.host), hostPortRange(right.spec.host)];
  if (!one || !other || one.first > other.last || other.first > one.last) return false;
  return hostIpsCollide(left.spec.hostIp, right.spec.hostIp);
}

function checkMode(context: ResolveContext, first: Place | undefined): void {
  const mode = context.merged.fields.network?.mode;
  if (!first || (mode !== 'host' && mode !== 'none')) return;
  const why =
    mode === 'host'
      ? 'every port of the agent is open on the host, so that none can be published'
      : 'without a network no port can be published';
  context.reporter.error(
    'conflicting-fields',
    `\`network.mode: ${mode}\` contradicts \`ports\`: ${why}`,
    fieldPlace(context, 'network', 'mode'),
    { hint: 'take one of them out', related: [{ message: 'the first port', place: first }] },
  );
}
