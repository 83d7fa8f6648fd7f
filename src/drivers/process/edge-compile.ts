import type { Agent, Project } from '../../model/agent.ts';
import type { ResourceTemplate } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { edgeFormat, type EdgeDocument } from '../../model/edge.ts';
import type { AgentSpec, HealthCheck } from '../../model/spec.ts';
import { canonicalJson, type Json } from '../../util/json.ts';
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
import type { Machine } from './machine.ts';
import { apartAttachment, clientOf, isApart } from './restricted.ts';

/** What stands in the place of a network in the spec of an agent that the edge leads to; its alias is the group. */
export const edgeNetwork = 'edge';

/** The control socket of an edge, in the folder of its instance: it is there once the edge listens. */
export const controlSocket = 'control.sock';

/** The variable of the edge that names the program it runs, which is kept in its folder. */
export const edgeProgramHash = 'AAC_EDGE_PROGRAM';

const listens: HealthCheck = {
  type: 'file',
  path: controlSocket,
  interval: 10_000,
  startInterval: 50,
  timeout: 5_000,
  retries: 3,
  startPeriod: 10_000,
  successThreshold: 1,
  onUnhealthy: 'restart',
};

/**
 * The ports of an agent that the edge holds: those at one given host port, where several are to answer on it, or where
 * the agent is apart from all networks.
 */
export function sharedPorts(agent: Agent, machine: Edged): readonly SharedPort[] {
  return servesAtOnce(agent) || isApart(agent, machine) ? fixedPorts(agent) : [];
}

/** What of the machine decides who needs the edge. */
type Edged = Pick<Machine, 'sandbox'>;

/** The agent as its own processes see it: where the edge holds a port, each has any free one that only it is led to. */
export function behindEdge(agent: Agent, machine: Edged): Agent {
  const own = sharedPorts(agent, machine).map(({ port }) => [port, { host: 0, hostIp: '127.0.0.1' }] as const);
  return own.length === 0 ? agent : { ...agent, ports: { ...agent.ports, ...Object.fromEntries(own) } };
}

/** How an agent is connected: by the edge, where that holds a port of it. */
export function edgeAttachment(agent: Agent, machine: Edged): Pick<AgentSpec, 'network'> {
  if (isApart(agent, machine)) return apartAttachment(agent);
  return sharedPorts(agent, machine).length === 0 ? {} : { network: { name: edgeNetwork, aliases: [agent.name] } };
}

/** The edge of a project's processes, where one of its agents needs it: a process like theirs. */
export function compileEdge(
  agents: readonly Agent[],
  project: Project,
  machine: Edged,
): { readonly templates: readonly ResourceTemplate[]; readonly diagnostics: readonly Diagnostic[] } {
  const ports = agents.flatMap((agent) => sharedPorts(agent, machine));
  const clients = agents.filter((agent) => meetsEdge(agent, machine));
  const first = ports[0]?.agent ?? clients[0];
  const diagnostics = doubledPorts(ports);
  if (!first || diagnostics.length > 0) return { templates: [], diagnostics };
  const template = edgeResource(edgeSpec(ports, clients, project), {
    driver: 'process',
    manifest: first.file,
    dependsOn: [],
    check: listens,
    locate: (path) =>
      placeOfPort(ports, path) ?? clients[0]?.written.find(({ name }) => name.startsWith('network.security'))?.range(),
  });
  return { templates: [template], diagnostics: [] };
}

/** Whether an agent goes out by the edge. */
export function meetsEdge(agent: Agent, machine: Edged): boolean {
  return isApart(agent, machine) && clientOf(agent) !== undefined;
}

function edgeSpec(ports: readonly SharedPort[], clients: readonly Agent[], project: Project): AgentSpec {
  return {
    command: ['node', 'edge.js', 'serve'],
    environment: {
      AAC_EDGE_DOCUMENT: canonicalJson({
        ...edgeDocument(ports, clients),
        resolvers: project.edge?.dns ?? [],
      } as unknown as Json),
      [edgeProgramHash]: edgeProgram()?.hash ?? 'unbuilt',
    },
    ports: Object.fromEntries(ports.map((shared) => [listeningKey(shared), shared.published])),
    volumes: {},
    healthCheck: listens,
    resources: { limits: { cpu: null, memory: null, pids: null } },
    restartPolicy: { name: 'always', maxRetries: 0 },
    labels: {},
    stop: { signal: 'SIGTERM', gracePeriod: 10_000 },
    logging: { maxSize: 10 * 1024 * 1024, maxFiles: 5 },
  };
}

/** What the edge is to know for as long as it runs; its replicas it reads from the folder of routes. */
function edgeDocument(ports: readonly SharedPort[], clients: readonly Agent[]): EdgeDocument {
  const addresses = new Map(ports.map((shared) => [listeningKey(shared), shared.published.hostIp]));
  const routes = Object.entries(routesOf(ports)).map(([key, route]) => {
    const hostIp = addresses.get(key);
    return [key, { ...route, ...(hostIp === undefined ? {} : { hostIp }) }] as const;
  });
  return {
    formatVersion: edgeFormat,
    resolvers: [],
    routes: Object.fromEntries(routes),
    names: {},
    targets: {},
    clients: Object.fromEntries(
      clients.flatMap((agent) => {
        const client = clientOf(agent);
        return client ? [[agent.name, client]] : [];
      }),
    ),
  };
}
