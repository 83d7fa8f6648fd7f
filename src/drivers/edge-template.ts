import { agentTemplate, edgeTemplate, type TemplateAddress } from '../model/address.ts';
import type { Agent, DriverName } from '../model/agent.ts';
import type { ResourceTemplate } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { EdgeDocument } from '../model/edge.ts';
import { fieldPath, type FieldPath } from '../model/field-path.ts';
import type { SourceRange } from '../model/source.ts';
import { toJson, type AgentSpec, type HealthCheck, type PortSpec } from '../model/spec.ts';
import { sortedEntries } from '../util/compare.ts';
import { mutableAgentFields } from './compile.ts';

/** A fixed host port of an agent that the edge holds for its replicas. */
export interface SharedPort {
  readonly agent: Agent;
  /** The agent's own port, `8080/tcp`. */
  readonly port: string;
  readonly published: PortSpec & { readonly host: number };
}

/** Whether several of an agent are to answer at the same time: replicas, or old and new ones. */
export function servesAtOnce({ replicas: { autoscaling, count }, deployment }: Agent): boolean {
  return count > 1 || autoscaling !== undefined || deployment.strategy === 'rolling';
}

/** The ports of an agent that are published at one given host port. */
export function fixedPorts(agent: Agent): readonly SharedPort[] {
  return sortedEntries(agent.ports).flatMap(([port, { host, hostIp }]): SharedPort[] =>
    typeof host === 'number' && host !== 0 ? [{ agent, port, published: { host, hostIp } }] : [],
  );
}

/** What the edge listens on for a port: `8080/tcp`. */
export function listeningKey({ port, published }: SharedPort): string {
  return `${String(published.host)}/${port.split('/')[1] ?? 'tcp'}`;
}

/** What the edge listens on, and whose replicas that leads to. */
export function routesOf(ports: readonly SharedPort[]): EdgeDocument['routes'] {
  return Object.fromEntries(
    ports.map((shared) => {
      const { agent, port } = shared;
      const proxyProtocol = agent.proxyProtocols?.[port];
      const route = { group: agent.name, port: Number(port.split('/')[0]) };
      return [listeningKey(shared), { ...route, ...(proxyProtocol ? { proxyProtocol } : {}) }];
    }),
  );
}

/**
 * An error at its line for each port of an agent that is to tell who the client is and that the edge does not hold, a
 * warning where `lifecycle.bestEffort` lists the field.
 */
export function refuseProxyProtocol(agent: Agent, held: readonly SharedPort[]): readonly Diagnostic[] {
  const bestEffort = agent.lifecycle.bestEffort.some((field) => field === 'ports' || field === 'ports.proxyProtocol');
  const fixed = new Set(fixedPorts(agent).map(({ port }) => port));
  return Object.keys(agent.proxyProtocols ?? {})
    .filter((port) => held.every((shared) => shared.port !== port))
    .map((port): Diagnostic => {
      const range = agent.source.locate(fieldPath('ports', port, 'proxyProtocol'));
      const remedy = fixed.has(port)
        ? 'set `deployment.strategy: rolling` or several replicas, for which the edge holds the port'
        : 'publish the port at one given host port';
      return {
        code: 'unsupported-field',
        severity: bestEffort ? 'warning' : 'error',
        message: `\`proxyProtocol\` of port \`${port}\` needs the edge, which does not hold that port of \`${agent.name}\``,
        hint: bestEffort ? 'the agent runs without it, as `lifecycle.bestEffort` allows' : `${remedy}, or take it out`,
        address: agentTemplate(agent.name),
        ...(range ? { range } : {}),
      };
    });
}

/** The resource of an edge, around what its driver makes of it. */
export function edgeResource(
  spec: AgentSpec,
  options: {
    readonly driver: DriverName;
    readonly manifest: string;
    readonly dependsOn: readonly TemplateAddress[];
    readonly check?: HealthCheck;
    readonly locate: (path: FieldPath) => SourceRange | undefined;
  },
): ResourceTemplate {
  return {
    address: edgeTemplate,
    driver: options.driver,
    kind: 'agent',
    spec: toJson(spec),
    references: new Map(),
    mutable: mutableAgentFields,
    ignore: [],
    dependsOn: options.dependsOn.map((address) => ({ address, until: 'exists' })),
    protect: false,
    rollout: { strategy: 'recreate' },
    replicas: { type: 'fixed', count: 1 },
    readiness: { oneShot: false, minReady: 0, deadline: 60_000, ...(options.check ? { check: options.check } : {}) },
    manifest: options.manifest,
    source: { locate: options.locate },
  };
}

/** Where the port stands in its manifest that a field of the edge comes from, or the first of them. */
export function placeOfPort(ports: readonly SharedPort[], path: FieldPath): SourceRange | undefined {
  const shared = ports.find((each) => path.startsWith(fieldPath('ports', listeningKey(each)))) ?? ports[0];
  return shared && placeOf(shared);
}

/** The edge can give one host port to one agent only, at one address or all. */
export function doubledPorts(ports: readonly SharedPort[]): readonly Diagnostic[] {
  return ports.flatMap((shared, index): Diagnostic[] => {
    const other = ports.slice(0, index).find((earlier) => listeningKey(earlier) === listeningKey(shared));
    if (!other) return [];
    const [range, related] = [placeOf(shared), placeOf(other)];
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

function placeOf({ agent, port }: SharedPort): SourceRange | undefined {
  return agent.source.locate(fieldPath('ports', port, 'host'));
}
