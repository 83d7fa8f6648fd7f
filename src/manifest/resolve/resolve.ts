import { agentTemplate } from '../../model/address.ts';
import type { Agent, DriverName } from '../../model/agent.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Profiles } from '../profiles.ts';
import type { Variables } from '../interpolate.ts';
import { locate } from '../locate.ts';
import type { WrittenAgent } from '../schema/agent.ts';
import { findNearest } from '../source-tree.ts';
import { nameOf, type Checked } from '../validate.ts';
import { createReporter, type ResolveContext } from './context.ts';
import { mergeLayers, type Layer } from './layers.ts';
import { checkPreviousNames } from './previous-names.ts';
import { findCycles, type Edge } from './references.ts';
import { resolveAgent } from './resolve-agent.ts';
import type { ResolvedProject } from './resolve-project.ts';

/** What the agents of a project are resolved with. */
export interface ResolveOptions {
  readonly project: ResolvedProject;
  readonly variables: Variables;
  readonly profiles: Profiles;
  /** Wins over what the manifests say. */
  readonly driver?: DriverName | undefined;
}

/** The agents without errors, by name; what is wrong with the others. */
export interface Resolution {
  readonly agents: readonly Agent[];
  readonly diagnostics: readonly Diagnostic[];
  /** The variables whose values some manifest shows openly. */
  readonly publicVariables: ReadonlySet<string>;
}

/** Resolves all agents of a project together, as they refer to each other. The order of files does not matter. */
export function resolveAgents(documents: readonly Checked<WrittenAgent>[], options: ResolveOptions): Resolution {
  const diagnostics: Diagnostic[] = [];
  const publicVariables = new Set<string>();
  const agentNames = new Set(documents.flatMap(({ document }) => nameOf(document) ?? []));
  const networks = options.project.networkNames;
  const sound = new Map<string, Agent>();
  const edges = new Map<string, readonly Edge[]>();
  for (const checked of firstOfEachName(documents, diagnostics)) {
    const { written } = checked;
    if (!written) continue;
    const { name } = written.metadata;
    const layers = layersOf(checked, written, options.project.defaults);
    const reporter = createReporter(name, layers, diagnostics);
    const merged = mergeLayers(layers);
    const { variables, profiles, project, driver } = options;
    const context: ResolveContext = {
      name,
      merged,
      variables,
      profiles,
      networks,
      agentNames,
      reporter,
      publicVariables,
    };
    const chosen = driver ?? merged.fields.driver ?? project.driver ?? 'docker';
    const resolved = resolveAgent(checked, written, context, chosen);
    edges.set(name, resolved.edges);
    if (checked.faults.length === 0 && !reporter.failed()) sound.set(name, resolved.agent);
  }
  diagnostics.push(...checkPreviousNames(documents, agentNames));
  const cycles = findCycles(edges);
  const agents = [...sound.values()].filter(({ name }) => !cycles.members.has(name));
  return {
    agents: agents.sort((left, right) => (left.name < right.name ? -1 : 1)),
    diagnostics: [...diagnostics, ...cycles.diagnostics],
    publicVariables,
  };
}

function layersOf(
  { document, faults, indices }: Checked<WrittenAgent>,
  written: WrittenAgent,
  defaults: Layer | undefined,
): readonly Layer[] {
  const own: Layer = { document, prefix: ['spec'], spec: written.spec ?? {}, faults, indices };
  return defaults ? [own, defaults] : [own];
}

/** In the order of files and lines, an error for every agent whose name is taken already. */
function firstOfEachName(
  documents: readonly Checked<WrittenAgent>[],
  diagnostics: Diagnostic[],
): readonly Checked<WrittenAgent>[] {
  const path = ['metadata', 'name'];
  const offsetOf = ({ document }: Checked<WrittenAgent>): number => findNearest(document.tree, path).span.value[0];
  const ordered = [...documents].sort((left, right) => {
    const [one, other] = [left.document.file.path, right.document.file.path];
    return one === other ? offsetOf(left) - offsetOf(right) : one < other ? -1 : 1;
  });
  const first = new Map<string, Checked<WrittenAgent>>();
  return ordered.filter((checked) => {
    const name = nameOf(checked.document);
    const earlier = name === undefined ? undefined : first.get(name);
    if (name === undefined || !earlier) {
      if (name !== undefined) first.set(name, checked);
      return true;
    }
    diagnostics.push({
      code: 'duplicate-name',
      severity: 'error',
      message: `two agents are called \`${name}\``,
      hint: 'give one of them another name',
      range: locate({ document: checked.document, path }),
      address: agentTemplate(name),
      related: [{ message: 'the first one', range: locate({ document: earlier.document, path }) }],
    });
    return false;
  });
}
