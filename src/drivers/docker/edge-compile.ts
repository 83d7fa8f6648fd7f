import { edgeTemplate, networkTemplate, type TemplateAddress } from '../../model/address.ts';
import type { Agent, Project } from '../../model/agent.ts';
import type { ResourceTemplate } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { edgeFormat, type EdgeDocument, type EdgeRoute } from '../../model/edge.ts';
import { fieldPath, type FieldPath } from '../../model/field-path.ts';
import { toJson, type AgentSpec, type PortSpec } from '../../model/spec.ts';
import { compareCodeUnits, sortedEntries } from '../../util/compare.ts';
import { canonicalJson, type Json } from '../../util/json.ts';
import { mutableAgentFields } from '../compile.ts';
import { edgeProgram } from './edge-program.ts';
import { attachedName, networkSpec } from './network.ts';

/** Where the edge keeps its socket, and where its program lies. */
export const edgeFolders = { state: '/run/edge', program: '/opt/aac' } as const;

/** The variable of the edge that names the image it is made from. */
export const edgeBase = 'AAC_EDGE_IMAGE';

/** A fixed host port of an agent that the edge holds for its replicas. */
interface SharedPort {
  readonly agent: Agent;
  /** The agent's own port, `8080/tcp`. */
  readonly port: string;
  readonly published: PortSpec & { readonly host: number };
}

/**
 * The ports of an agent that the edge holds: a single fixed host port, where several replicas are to answer on it, or
 * old and new ones at the same time.
 */
export function sharedPorts(agent: Agent): readonly SharedPort[] {
  const { autoscaling, count } = agent.replicas;
  if (count <= 1 && !autoscaling && agent.deployment.strategy !== 'rolling') return [];
  if (agent.network.mode.type !== 'bridge' && agent.network.mode.type !== 'named') return [];
  return sortedEntries(agent.ports).flatMap(([port, { host, hostIp }]): SharedPort[] =>
    typeof host === 'number' && host !== 0 ? [{ agent, port, published: { host, hostIp } }] : [],
  );
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
  const [first] = ports;
  if (!first) return { diagnostics: [] };
  const diagnostics = doubledPorts(ports);
  if (diagnostics.length > 0) return { diagnostics };
  const networks = [...new Set(ports.map(({ agent }) => networkSpec(agent, project).name))].sort(compareCodeUnits);
  const template: ResourceTemplate = {
    address: edgeTemplate,
    driver: 'docker',
    kind: 'agent',
    spec: toJson(edgeSpec(ports, networks, project)),
    references: new Map(),
    mutable: mutableAgentFields,
    ignore: [],
    dependsOn: networks.flatMap((name) => (isOwn(name, project) ? [exists(networkTemplate(name))] : [])),
    protect: false,
    rollout: { strategy: 'recreate' },
    replicas: { type: 'fixed', count: 1 },
    readiness: { oneShot: false, minReady: 0, deadline: 60_000 },
    manifest: first.agent.file,
    source: { locate: (path) => placeOf(ports, path) },
  };
  return { template, diagnostics: [] };
}

function edgeSpec(ports: readonly SharedPort[], networks: readonly string[], project: Project): AgentSpec {
  const [home = 'default', ...others] = networks;
  const attachment = (name: string) => (isOwn(name, project) ? { name } : { name, external: true });
  return {
    image: edgeImageName(project),
    command: ['node', `${edgeFolders.program}/edge.js`, 'serve', edgeFolders.state],
    environment: {
      ...(project.edge?.image === undefined ? {} : { [edgeBase]: project.edge.image }),
      AAC_EDGE_DOCUMENT: canonicalJson(edgeDocument(ports, project) as unknown as Json),
    },
    ports: Object.fromEntries(ports.map((shared) => [listeningKey(shared), shared.published])),
    volumes: { [edgeFolders.state]: { type: 'tmpfs', readOnly: false } },
    resources: { limits: { cpu: null, memory: null, pids: null } },
    restartPolicy: { name: 'always', maxRetries: 0 },
    labels: {},
    network: {
      ...attachment(home),
      aliases: ['edge'],
      ...(others.length > 0 ? { also: Object.fromEntries(others.map((name) => [name, attachment(name)])) } : {}),
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
function edgeDocument(ports: readonly SharedPort[], project: Project): EdgeDocument {
  const groups = new Map(ports.map(({ agent }) => [agent.name, agent]));
  const route = ({ agent, port }: SharedPort): EdgeRoute => ({ group: agent.name, port: Number(port.split('/')[0]) });
  return {
    formatVersion: edgeFormat,
    resolvers: [],
    routes: Object.fromEntries(ports.map((shared) => [listeningKey(shared), route(shared)])),
    names: Object.fromEntries(
      [...groups].map(([name, agent]) => {
        return [name, `${name}.${attachedName(project.workspace, networkSpec(agent, project))}`];
      }),
    ),
    targets: {},
    clients: {},
  };
}

/** The image that {@link edgeProgram} is put into, by what it is made of. */
function edgeImageName(project: Project): string {
  const base = project.edge?.image ?? 'local';
  return `aac-edge:${edgeProgram()?.hash ?? 'unbuilt'}-${base.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '')}`;
}

function listeningKey({ port, published }: SharedPort): string {
  return `${String(published.host)}/${port.split('/')[1] ?? 'tcp'}`;
}

function isOwn(name: string, { networks }: Project): boolean {
  return networks[name]?.external !== true;
}

function exists(address: TemplateAddress) {
  return { address, until: 'exists' } as const;
}

function placeOf(ports: readonly SharedPort[], path: FieldPath) {
  const shared = ports.find((each) => path.startsWith(fieldPath('ports', listeningKey(each)))) ?? ports[0];
  return shared?.agent.source.locate(fieldPath('ports', shared.port, 'host'));
}

/** The edge can give one host port to one agent only, at one address or all. */
function doubledPorts(ports: readonly SharedPort[]): readonly Diagnostic[] {
  return ports.flatMap((shared, index): Diagnostic[] => {
    const other = ports.slice(0, index).find((earlier) => listeningKey(earlier) === listeningKey(shared));
    if (!other) return [];
    const at = ({ agent, port }: SharedPort) => agent.source.locate(fieldPath('ports', port, 'host'));
    const [range, related] = [at(shared), at(other)];
    return [
      {
        code: 'port-conflict',
        severity: 'error',
        message: `\`${other.agent.name}\` and \`${shared.agent.name}\` both ask for host port ${listeningKey(shared)}`,
        hint: 'give one of them another host port',
        ...(range ? { range } : {}),
        ...(related ? { related: [{ message: 'the other one', range: related }] } : {}),
      },
    ];
  });
}
