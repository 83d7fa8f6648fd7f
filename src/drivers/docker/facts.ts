import type { HeldPort } from '../../model/observed.ts';
import { labels as names } from '../../model/labels.ts';
import { compareCodeUnits } from '../../util/compare.ts';
import type { ContainerSummary, Labels, NetworkDetails, VolumeDetails } from './engine-types.ts';
import { readRecord } from './record.ts';

/** What the engine lists. */
export interface Listing {
  readonly containers: readonly ContainerSummary[];
  readonly networks: readonly NetworkDetails[];
  readonly volumes: readonly VolumeDetails[];
}

/** Whether an object carries a readable record of the workspace. */
export function belongsTo(labels: Labels | null, workspace: string): boolean {
  return labels?.[names.workspace] === workspace && readRecord(labels) !== undefined;
}

/** A container's name without the slash that the API puts before it. */
export function containerName(container: ContainerSummary): string {
  return (container.Names?.[0] ?? container.Id.slice(0, 12)).replace(/^\//, '');
}

/** Names that begin like ours and are held by what is not ours: `<kind>/<name>` → a few words on who. */
export function foreignNames(listing: Listing, workspace: string, prefix: string): ReadonlyMap<string, string> {
  const objects = [
    ...listing.containers.map((item) => ({ kind: 'agent', word: 'container', name: containerName(item), item })),
    ...listing.networks.map((item) => ({ kind: 'network', word: 'network', name: item.Name, item })),
    ...listing.volumes.map((item) => ({ kind: 'volume', word: 'volume', name: item.Name, item })),
  ];
  return new Map(
    objects
      .filter(({ name, item }) => name.startsWith(prefix) && !belongsTo(item.Labels, workspace))
      .map(({ kind, word, name, item }) => [`${kind}/${name}`, strangerWords(word, item.Labels)] as const)
      .sort(([left], [right]) => compareCodeUnits(left, right)),
  );
}

/** A few words on an object that is not ours: `a container of the workspace `shop``. */
export function strangerWords(word: string, labels: Labels | null): string {
  const workspace = labels?.[names.workspace];
  return workspace ? `a ${word} of the workspace \`${workspace}\`` : `a ${word} that aac did not make`;
}

/** Who publishes which host port; `ref` is set for containers of the workspace. */
export function containerPorts(containers: readonly ContainerSummary[], workspace: string): readonly HeldPort[] {
  return containers.flatMap((container) => {
    const ours = belongsTo(container.Labels, workspace);
    return (container.Ports ?? []).flatMap(({ PublicPort: port, IP, Type }): HeldPort[] => {
      if (port === undefined || (Type !== 'tcp' && Type !== 'udp')) return [];
      const holder = `container ${containerName(container)}${ours ? '' : agentWords(container.Labels)}`;
      return [{ port, protocol: Type, hostIp: IP ?? '0.0.0.0', holder, ...(ours ? { ref: container.Id } : {}) }];
    });
  });
}

/** Which agent a container of another workspace is, in brackets; nothing where it is none. */
function agentWords(labels: Labels | null): string {
  const workspace = labels?.[names.workspace];
  const address = labels?.[names.address];
  return workspace && address ? ` (\`${address}\` of the workspace \`${workspace}\`)` : '';
}

/** All held ports, each once: a port that a container publishes also shows as the engine's own proxy on the host. */
export function heldPorts(ofContainers: readonly HeldPort[], ofHost: readonly HeldPort[]): readonly HeldPort[] {
  const published = new Set(ofContainers.map(portKey));
  return [...ofContainers, ...ofHost.filter((held) => !published.has(portKey(held)))].sort(
    (left, right) =>
      left.port - right.port ||
      compareCodeUnits(left.protocol, right.protocol) ||
      compareCodeUnits(left.hostIp, right.hostIp),
  );
}

function portKey({ port, protocol }: HeldPort): string {
  return `${String(port)}/${protocol}`;
}
