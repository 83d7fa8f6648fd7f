import { edgeTemplate, networkTemplate, volumeTemplate, type TemplateAddress } from '../../model/address.ts';
import type { Agent, Project } from '../../model/agent.ts';
import type { MutableField, ResourceTemplate } from '../../model/desired.ts';
import { hasErrors } from '../../model/diagnostic.ts';
import { fieldPath } from '../../model/field-path.ts';
import { nowhere } from '../../model/source.ts';
import { toJson, type AgentSpec, type NamedVolumeSpec, type NetworkSpec } from '../../model/spec.ts';
import { compareCodeUnits } from '../../util/compare.ts';
import {
  agentResourceTemplate,
  commonSpec,
  mutableAgentFields,
  refuseUnsupported,
  sharedTemplates,
  type Unsupported,
} from '../compile.ts';
import type { Compiled } from '../driver.ts';
import { refuseProxyProtocol } from '../edge-template.ts';
import { behindEdge, compileEdge, sharedPorts } from './edge-compile.ts';
import { refuseCollisions } from './files.ts';
import { networkSpec, serviceEnvironment } from './network.ts';
import { isRestricted } from '../restriction.ts';
import { checkRestriction, meetsEdge, ownNetwork, restricted } from './restricted.ts';
import { securitySpec } from './security.ts';
import { refuseUnseenFile } from './unseen-file.ts';
import { holdsHostPort, refuseRollingPorts } from '../rollout.ts';

/** What a manifest may ask for and this driver cannot give yet. */
const unsupported: readonly Unsupported[] = [
  { field: 'resources.requests.ephemeral-storage', when: 'never', hint: 'bound it with `resources.limits` instead' },
];

const cpuLimit = fieldPath('resources', 'limits', 'cpu');

/** The engine answers 200 to taking a CPU limit away from a container, and leaves it in force. */
const mutable: readonly MutableField[] = mutableAgentFields.map((field) =>
  field.path === cpuLimit ? { ...field, unset: 'replace' } : field,
);

/** An agent as containers, one a replica. */
export function compileAgent(written: Agent, project: Project): Compiled {
  const agent = restricted(behindEdge(written));
  const diagnostics = [
    ...checkRestriction(written, project),
    ...refuseUnsupported(agent, 'docker', unsupported),
    ...refuseRollingPorts(agent, 'docker'),
    ...refuseProxyProtocol(written, sharedPorts(written)),
    ...refuseCollisions(agent),
    ...refuseUnseenFile(agent),
  ];
  if (hasErrors(diagnostics)) return { templates: [], diagnostics };
  const template = agentResourceTemplate(agent, specOf(agent, project), {
    driver: 'docker',
    shared: ownShared(agent, project),
    image: true,
  });
  // without the edge there is no way out, and nothing to be started for
  const edge = meetsEdge(written) ? [{ address: edgeTemplate, until: 'started' } as const] : [];
  const dependsOn = [...template.dependsOn, ...edge];
  return { templates: [{ ...template, dependsOn, mutable, routes: isRouted(agent, template) }], diagnostics };
}

/** Publishing moves with the names of a container, which any free port can stand and a given one cannot. */
function isRouted(agent: Agent, { rollout, readiness }: ResourceTemplate): boolean {
  const isNamed = agent.network.mode.type === 'bridge' || agent.network.mode.type === 'named';
  return isNamed && rollout.strategy === 'rolling' && !readiness.oneShot && !holdsHostPort(agent);
}

/** The project's networks and named volumes that the agents stand on. */
export function compileShared(agents: readonly Agent[], project: Project): Compiled {
  const walled = agents.filter((agent) => isRestricted(agent) && agent.network.mode.type !== 'none');
  const needed = new Set(agents.map(restricted).flatMap((agent) => ownShared(agent, project)));
  if (walled.some(meetsEdge)) needed.add(networkTemplate('default')); // the edge's own way out
  const networks = Object.entries(project.networks).map(([name, { internal }]) =>
    sharedTemplate(networkTemplate(name), 'network', { internal }, project),
  );
  const isolated = walled.map((agent) =>
    sharedTemplate(networkTemplate(ownNetwork(agent)), 'network', { internal: true, isolated: true }, project),
  );
  const volumes = agents
    .flatMap((agent) => agent.volumes)
    .flatMap((volume) => (volume.type === 'volume' ? [volumeTemplate(volume.source)] : []))
    .map((address) => sharedTemplate(address, 'volume', {}, project));
  const edge = compileEdge(agents, project);
  const templates = new Map([...networks, ...isolated, ...volumes].map((template) => [template.address, template]));
  return {
    templates: [...templates.values()]
      .filter((template) => needed.has(template.address))
      .concat(edge.template ?? [])
      .sort((left, right) => compareCodeUnits(left.address, right.address)),
    diagnostics: edge.diagnostics,
  };
}

function specOf(agent: Agent, project: Project): AgentSpec {
  const common = commonSpec(agent);
  return {
    ...common,
    environment: { ...serviceEnvironment(agent), ...common.environment },
    image: agent.image,
    network: networkSpec(agent, project),
    security: securitySpec(agent),
    init: agent.init,
  };
}

/** What of the project the agent stands on; a network of others is not aac's to make. */
function ownShared(agent: Agent, { networks }: Project): readonly TemplateAddress[] {
  const external = Object.entries(networks).flatMap(([name, network]) =>
    network.external ? [networkTemplate(name)] : [],
  );
  return sharedTemplates(agent).filter((address) => !external.includes(address));
}

function sharedTemplate(
  address: TemplateAddress,
  kind: 'network' | 'volume',
  spec: NetworkSpec | NamedVolumeSpec,
  project: Project,
): ResourceTemplate {
  return {
    address,
    driver: 'docker',
    kind,
    spec: toJson(spec),
    references: new Map(),
    mutable: [],
    ignore: [],
    dependsOn: [],
    protect: false,
    rollout: { strategy: 'recreate' },
    replicas: { type: 'fixed', count: 1 },
    readiness: { oneShot: false, minReady: 0, deadline: 0 },
    manifest: project.scope.type === 'project' ? 'aac.yaml' : '',
    source: nowhere,
  };
}
