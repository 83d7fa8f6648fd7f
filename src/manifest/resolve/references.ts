import { agentTemplate } from '../../model/address.ts';
import type { AgentDependency, ServiceLink } from '../../model/agent.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { compareCodeUnits } from '../../util/compare.ts';
import { defined } from '../defined.ts';
import { locate, type Place } from '../locate.ts';
import { didYouMean } from '../nearest-word.ts';
import { below, type ResolveContext } from './context.ts';
import type { MergedSpec } from './layers.ts';

/** An edge of the dependency graph and the line that makes it. */
export interface Edge {
  readonly to: string;
  readonly place: Place;
}

/** What the agent calls and what it waits for. */
export interface AgentReferences {
  readonly services: readonly ServiceLink[];
  readonly dependsOn: readonly AgentDependency[];
  readonly edges: readonly Edge[];
}

/** Checks the names an agent refers to. A service that is an agent of the project is an edge to it as well. */
export function resolveReferences(context: ResolveContext): AgentReferences {
  const dependencies = new Map<string, { readonly dependency: AgentDependency; readonly place: Place }>();
  for (const { item, place } of context.merged.dependsOn) {
    const at = below(place, 'agent');
    if (isInherited(context, place) && item.agent === context.name) continue; // meant for the others
    if (!context.agentNames.has(item.agent)) {
      unknownAgent(
        context,
        `\`dependsOn\` names the agent \`${item.agent}\`, which no manifest declares`,
        item.agent,
        at,
      );
      continue;
    }
    const condition = item.condition ?? 'started';
    const earlier = dependencies.get(item.agent);
    if (earlier && earlier.dependency.condition !== condition) {
      context.reporter.error('conflicting-fields', `\`${item.agent}\` is waited for in two ways`, at, {
        related: [{ message: 'the other one', place: earlier.place }],
      });
    }
    if (!earlier) dependencies.set(item.agent, { dependency: { agent: item.agent, condition }, place: at });
  }
  for (const { item, place } of uniqueServices(context)) {
    if (item.host !== undefined) continue;
    if (isInherited(context, place) && item.name === context.name) continue;
    const at = below(place, 'name');
    if (!context.agentNames.has(item.name)) {
      const message = `service \`${item.name}\` is no agent of the project and has no \`host\``;
      unknownAgent(context, message, item.name, at);
    } else if (!dependencies.has(item.name)) {
      dependencies.set(item.name, { dependency: { agent: item.name, condition: 'started' }, place: at });
    }
  }
  return {
    services: context.merged.services.map(({ item }) => ({
      name: item.name,
      ...defined({ port: item.port, protocol: item.protocol, host: item.host }),
    })),
    dependsOn: [...dependencies.values()].map(({ dependency }) => dependency),
    edges: [...dependencies.values()].map(({ dependency, place }) => ({ to: dependency.agent, place })),
  };
}

/** One error for every circle of agents that wait for each other, with the line of every edge of it. */
export function findCycles(edges: ReadonlyMap<string, readonly Edge[]>): {
  readonly diagnostics: readonly Diagnostic[];
  readonly members: ReadonlySet<string>;
} {
  const diagnostics: Diagnostic[] = [];
  const members = new Set<string>();
  for (const name of [...leadingToCycles(edges)].sort(compareCodeUnits)) {
    if (members.has(name)) continue;
    const cycle = shortestCycle(edges, name, members);
    const [first] = cycle ?? [];
    if (!cycle || !first) continue;
    const names = [name, ...cycle.map((edge) => edge.to)];
    for (const member of names) members.add(member);
    diagnostics.push({
      code: 'dependency-cycle',
      severity: 'error',
      message:
        cycle.length === 1
          ? `agent \`${name}\` waits for itself`
          : `agents wait for each other in a circle: ${names.map((member) => `\`${member}\``).join(' → ')}`,
      hint: 'take one of the dependencies out',
      range: locate(first.place),
      address: agentTemplate(name),
      related: cycle.map((edge, index) => ({
        message: `\`${names[index] ?? ''}\` waits for \`${edge.to}\``,
        range: locate(edge.place),
      })),
    });
  }
  return { diagnostics, members };
}

/** The agents that are left when all that wait for nobody are taken away, again and again. */
function leadingToCycles(edges: ReadonlyMap<string, readonly Edge[]>): ReadonlySet<string> {
  const left = new Set(edges.keys());
  const waiting = new Map<string, number>();
  const awaitedBy = new Map<string, string[]>();
  for (const [name, outgoing] of edges) {
    const targets = outgoing.filter(({ to }) => edges.has(to));
    waiting.set(name, targets.length);
    for (const { to } of targets) {
      const others = awaitedBy.get(to);
      if (others) others.push(name);
      else awaitedBy.set(to, [name]);
    }
  }
  const free = [...left].filter((name) => waiting.get(name) === 0);
  for (const name of free) {
    left.delete(name);
    for (const other of awaitedBy.get(name) ?? []) {
      const count = (waiting.get(other) ?? 0) - 1;
      waiting.set(other, count);
      if (count === 0) free.push(other);
    }
  }
  return left;
}

/** The edges of the shortest way from an agent back to itself, round those that are known to be in a circle. */
function shortestCycle(
  edges: ReadonlyMap<string, readonly Edge[]>,
  start: string,
  avoid: ReadonlySet<string>,
): readonly Edge[] | undefined {
  const cameBy = new Map<string, { readonly from: string; readonly edge: Edge }>();
  const queue = [start];
  for (const name of queue) {
    for (const edge of edges.get(name) ?? []) {
      if (edge.to === start) return wayTo(cameBy, start, name, edge);
      if (avoid.has(edge.to) || cameBy.has(edge.to)) continue;
      cameBy.set(edge.to, { from: name, edge });
      queue.push(edge.to);
    }
  }
  return undefined;
}

function wayTo(
  cameBy: ReadonlyMap<string, { readonly from: string; readonly edge: Edge }>,
  start: string,
  end: string,
  closing: Edge,
): readonly Edge[] {
  const way = [closing];
  for (let name = end; name !== start;) {
    const step = cameBy.get(name);
    if (!step) break;
    way.unshift(step.edge);
    name = step.from;
  }
  return way;
}

function uniqueServices(context: ResolveContext): MergedSpec['services'] {
  const first = new Map<string, Place>();
  return context.merged.services.filter(({ item, place }) => {
    const earlier = first.get(item.name);
    if (earlier) {
      context.reporter.error('duplicate-name', `service \`${item.name}\` is listed twice`, below(place, 'name'), {
        related: [{ message: 'first listed here', place: below(earlier, 'name') }],
      });
      return false;
    }
    first.set(item.name, place);
    return true;
  });
}

/** Whether it stands in the project's defaults. */
function isInherited({ merged }: ResolveContext, place: Place): boolean {
  return place.document !== merged.layers[0]?.document;
}

function unknownAgent(context: ResolveContext, message: string, name: string, place: Place): void {
  context.reporter.error('unknown-reference', message, place, {
    hint: didYouMean(
      name,
      [...context.agentNames].filter((candidate) => candidate !== context.name),
    ),
  });
}
