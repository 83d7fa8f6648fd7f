import type { TemplateAddress } from '../model/address.ts';
import type { DesiredState, Dependency, ResourceTemplate } from '../model/desired.ts';
import { compareCodeUnits } from '../util/compare.ts';
import type { JsonObject } from '../util/json.ts';
import { reportFormatVersion, toDocument } from './document.ts';

/** What waits for what: an edge goes from a resource to the one it depends on. */
interface Edge {
  readonly from: TemplateAddress;
  readonly to: TemplateAddress;
  readonly until: Dependency['until'];
}

/** The dependency graph of what the manifests declare, as a Mermaid flowchart; the same for every order of files. */
export function formatGraph(desired: DesiredState): string {
  const { resources, edges } = graphOf(desired);
  const ids = idsOf(resources);
  const lines = [
    ...resources.map((resource) => nodeLine(ids.get(resource.address) ?? '', resource)),
    ...edges.map(({ from, to, until }) => `${ids.get(from) ?? ''} ${arrows[until]} ${ids.get(to) ?? ''}`),
  ];
  return ['flowchart LR', ...lines.map((line) => `  ${line}`), ''].join('\n');
}

/** The same graph for programs: `nodes` and `edges`. */
export function graphJson(desired: DesiredState): JsonObject {
  const { resources, edges } = graphOf(desired);
  return toDocument({
    formatVersion: reportFormatVersion,
    type: 'graph',
    workspace: desired.workspace,
    nodes: resources.map(({ address, kind, driver, manifest, replicas }) => ({
      address,
      kind,
      driver,
      manifest,
      ...(kind === 'agent' ? { replicas } : {}),
    })),
    edges,
  });
}

const arrows: Readonly<Record<Dependency['until'], string>> = {
  exists: '-.->',
  started: '-->|started|',
  ready: '-->|healthy|',
  completed: '-->|completed|',
};

function graphOf({ templates }: DesiredState): {
  readonly resources: readonly ResourceTemplate[];
  readonly edges: readonly Edge[];
} {
  const resources = [...templates.values()].sort((left, right) => compareCodeUnits(left.address, right.address));
  const edges = resources.flatMap(({ address, dependsOn }) =>
    dependsOn
      .filter((dependency) => templates.has(dependency.address))
      .map((dependency): Edge => ({ from: address, to: dependency.address, until: dependency.until }))
      .sort((left, right) => compareCodeUnits(left.to, right.to)),
  );
  return { resources, edges };
}

/** Mermaid takes words alone as ids; two addresses that read alike in them are told apart by a number. */
function idsOf(resources: readonly ResourceTemplate[]): ReadonlyMap<TemplateAddress, string> {
  const ids = new Map<TemplateAddress, string>();
  const taken = new Set<string>();
  for (const { address } of resources) {
    const word = address.replace(/\W/g, '_');
    let id = word;
    for (let number = 2; taken.has(id); number++) id = `${word}_${String(number)}`;
    taken.add(id);
    ids.set(address, id);
  }
  return ids;
}

function nodeLine(id: string, { address, kind, replicas }: ResourceTemplate): string {
  const name = quotable(address.slice(address.indexOf('/') + 1));
  switch (kind) {
    case 'agent':
      return `${id}["${name}${countWords(replicas)}"]`;
    case 'network':
      return `${id}{{"network ${name}"}}`;
    case 'volume':
      return `${id}[("volume ${name}")]`;
  }
}

function countWords(replicas: ResourceTemplate['replicas']): string {
  if (replicas.type === 'autoscaled') return ` × ${String(replicas.min)}–${String(replicas.max)}`;
  return replicas.count === 1 ? '' : ` × ${String(replicas.count)}`;
}

function quotable(text: string): string {
  return text.replaceAll('"', '#quot;');
}
