import { networkTemplate } from '../../model/address.ts';
import type { Agent, Project } from '../../model/agent.ts';
import type { MutableField, ResourceTemplate } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { edgeFormat, edgeGiven, edgeProxy, type EdgeClient, type EdgeDocument } from '../../model/edge.ts';
import { fieldPath } from '../../model/field-path.ts';
import type { AgentSpec, NetworkAttachment } from '../../model/spec.ts';
import { compareCodeUnits } from '../../util/compare.ts';
import { canonicalJson, type Json } from '../../util/json.ts';
import { edgeCheck } from '../edge-check.ts';
import { edgeProgram } from '../edge-program.ts';
import {
  doubledPorts,
  edgeResource,
  fixedPorts,
  listeningKey,
  placeOfPort,
  routesOf,
  servesAtOnce,
  type SharedPort,
} from '../edge-template.ts';
import { attachedName, networkName, networkSpec } from './network.ts';
import { isRestricted } from '../restriction.ts';
import { checkCallers, meetsEdge, ownNetwork, siblings } from './restricted.ts';

/** Where the edge keeps its socket, and where its program lies. */
export const edgeFolders = { state: '/run/edge', program: '/opt/aac' } as const;

/** The variable of the edge that names the image it is made from. */
export const edgeBase = 'AAC_EDGE_IMAGE';

/** The variable of the edge that names the name servers it asks. */
export const edgeResolvers = 'AAC_EDGE_RESOLVERS';

/**
 * The ports of an agent that the edge holds: a single fixed host port, where several replicas are to answer on it, or
 * old and new ones at the same time, or where its way out is restricted.
 */
export function sharedPorts(agent: Agent): readonly SharedPort[] {
  if (!servesAtOnce(agent) && !isRestricted(agent)) return [];
  if (agent.network.mode.type !== 'bridge' && agent.network.mode.type !== 'named') return [];
  return fixedPorts(agent);
}

/** The agent as its own containers see it: ports that the edge holds are not theirs to publish. */
export function behindEdge(agent: Agent): Agent {
  const shared = new Set(sharedPorts(agent).map(({ port }) => port));
  if (shared.size === 0) return agent;
  const ports = Object.fromEntries(Object.entries(agent.ports).filter(([port]) => !shared.has(port)));
  return { ...agent, ports };
}

/** The edge of a project, where one of its agents needs it, and what it stands on. */
export function compileEdge(
  agents: readonly Agent[],
  project: Project,
): { readonly template?: ResourceTemplate; readonly diagnostics: readonly Diagnostic[] } {
  const ports = agents.flatMap(sharedPorts);
  const clients = agents.filter(meetsEdge);
  const first = ports[0]?.agent ?? clients[0];
  const diagnostics = [...doubledPorts(ports), ...checkCallers(agents)];
  if (!first || diagnostics.length > 0) return { diagnostics };
  const template = edgeResource(edgeSpec({ agents, ports, clients }, project), {
    driver: 'docker',
    manifest: first.file,
    dependsOn: networksOf({ agents, ports, clients }, project).flatMap(({ name, external }) =>
      external ? [] : [networkTemplate(name)],
    ),
    locate: (path) => placeOfPort(ports, path) ?? placeOfRestriction(clients),
  });
  const mutable = [...template.mutable, ...rulesOf(clients)];
  return { template: { ...template, mutable }, diagnostics: [] };
}

/** What the edge knows, and the names it goes by where agents are let out: what may be reached changes while it runs. */
function rulesOf(clients: readonly Agent[]): readonly MutableField[] {
  const paths = [
    fieldPath('environment', edgeGiven.variable),
    ...clients.map((agent) => fieldPath('network', 'also', ownNetwork(agent), 'aliases')),
  ];
  return paths.map((path) => ({ path, unset: 'replace' }));
}

/** Whom the edge is for. */
interface Users {
  readonly agents: readonly Agent[];
  readonly ports: readonly SharedPort[];
  readonly clients: readonly Agent[];
}

type Attachment = NonNullable<NetworkAttachment['also']>[string];

/**
 * The networks that the edge stands on: those of the agents that it forwards to, one with a way out where somebody is
 * let out, and the own ones of restricted agents, where it goes by the names that they may use.
 */
function networksOf({ agents, ports, clients }: Users, project: Project): readonly [Attachment, ...Attachment[]] {
  const called = clients.flatMap(({ services }) => siblings(services).map(({ name }) => name));
  const open = [...ports.map(({ agent }) => agent), ...agents.filter(({ name }) => called.includes(name))]
    .filter((agent) => !isRestricted(agent))
    .map((agent) => networkSpec(agent, project).name);
  const names = new Set([...(clients.length > 0 || open.length === 0 ? ['default'] : []), ...open]);
  const [home = 'default', ...others] = [...names].sort(compareCodeUnits);
  const plain = (name: string): Attachment => ({
    name,
    ...(project.networks[name]?.external ? { external: true } : {}),
    aliases: ['edge'],
  });
  const walled = clients.map((agent): Attachment => {
    const exact = agent.network.allowedHosts.flatMap(({ host }) => (host.startsWith('*.') ? [] : [host]));
    const near = siblings(agent.services).map(({ name }) => name);
    return {
      name: ownNetwork(agent),
      aliases: [...new Set([edgeProxy.host, ...exact, ...near])].sort(compareCodeUnits),
    };
  });
  return [plain(home), ...others.map(plain), ...walled];
}

function edgeSpec(users: Users, project: Project): AgentSpec {
  const { ports } = users;
  const [home, ...others] = networksOf(users, project);
  return {
    image: edgeImageName(project),
    command: ['node', `${edgeFolders.program}/edge.js`, 'serve', edgeFolders.state],
    environment: {
      ...(project.edge?.image === undefined ? {} : { [edgeBase]: project.edge.image }),
      ...(project.edge?.dns ? { [edgeResolvers]: project.edge.dns.join(',') } : {}),
      [edgeGiven.variable]: canonicalJson(edgeDocument(users, project) as unknown as Json),
    },
    ports: Object.fromEntries(ports.map((shared) => [listeningKey(shared), shared.published])),
    volumes: { [edgeFolders.state]: { type: 'tmpfs', readOnly: false } },
    resources: { limits: { cpu: null, memory: null, pids: null } },
    restartPolicy: { name: 'always', maxRetries: 0 },
    labels: {},
    network: {
      ...home,
      ...(others.length > 0 ? { also: Object.fromEntries(others.map((other) => [other.name, other])) } : {}),
    },
    security: {
      runAsUser: 65534,
      runAsGroup: 65534,
      readOnlyRootFilesystem: true,
      capabilities: { add: [], drop: ['ALL'] },
      noNewPrivileges: true,
    },
    stop: { signal: 'SIGTERM', gracePeriod: 10_000 },
    init: true,
    logging: { maxSize: 10 * 1024 * 1024, maxFiles: 5 },
  };
}

/** What the edge is to know, but for what is the machine's own affair. */
function edgeDocument({ agents, ports, clients }: Users, project: Project): EdgeDocument {
  const groups = new Map(ports.map(({ agent }) => [agent.name, agent]));
  const checks = Object.fromEntries(
    [...groups.values()].flatMap((agent) => {
      const check = edgeCheck(agent.healthCheck);
      return check ? [[agent.name, check] as const] : [];
    }),
  );
  return {
    formatVersion: edgeFormat,
    resolvers: [],
    routes: routesOf(ports),
    names: Object.fromEntries(
      [...groups].map(([name, agent]) => {
        return [name, nameOf(agent, project)];
      }),
    ),
    targets: {},
    ...(Object.keys(checks).length > 0 ? { checks } : {}),
    clients: Object.fromEntries(clients.map((agent) => [agent.name, clientOf(agent, agents, project)])),
  };
}

function clientOf(agent: Agent, agents: readonly Agent[], project: Project): EdgeClient {
  const services = siblings(agent.services).flatMap(({ name, port }) => {
    const sibling = agents.find((other) => other.name === name);
    return sibling ? [[String(port), { host: nameOf(sibling, project), port }]] : [];
  });
  return {
    subnets: [],
    here: `${edgeProxy.host}.${networkName(project.workspace, ownNetwork(agent))}`,
    allow: agent.network.allowedHosts,
    services: Object.fromEntries(services) as EdgeClient['services'],
  };
}

/** The name of an agent as it is known on its own network and on no other. */
function nameOf(agent: Agent, project: Project): string {
  const network = isRestricted(agent)
    ? networkName(project.workspace, ownNetwork(agent))
    : attachedName(project.workspace, networkSpec(agent, project));
  return `${agent.name}.${network}`;
}

/** The image that {@link edgeProgram} is put into, by what it is made of. */
function edgeImageName(project: Project): string {
  const base = project.edge?.image ?? 'local';
  return `aac-edge:${edgeProgram()?.hash ?? 'unbuilt'}-${base.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '')}`;
}

/** Where the first restriction is written. */
function placeOfRestriction([agent]: readonly Agent[]) {
  return agent?.written.find(({ name }) => name.startsWith('network.security'))?.range();
}
