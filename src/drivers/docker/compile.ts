import { agentTemplate, networkTemplate, volumeTemplate, type TemplateAddress } from '../../model/address.ts';
import type { Agent, Project } from '../../model/agent.ts';
import type { MutableField, ResourceTemplate } from '../../model/desired.ts';
import { hasErrors, type Diagnostic } from '../../model/diagnostic.ts';
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

/** What a manifest may ask for and this driver cannot give yet. */
const unsupported: readonly Unsupported[] = [
  { field: 'autoscaling', when: 'not yet' },
  { field: 'deployment', when: 'not yet' },
  { field: 'environment.configMapKey', when: 'not yet' },
  { field: 'environment.configMapName', when: 'not yet' },
  { field: 'environment.from', values: ['configmap', 'secret'], when: 'not yet' },
  { field: 'network.aliases', when: 'not yet' },
  { field: 'network.dns', when: 'not yet' },
  { field: 'network.dnsSearch', when: 'not yet' },
  { field: 'network.extraHosts', when: 'not yet' },
  { field: 'network.mode', values: ['host', 'none'], when: 'not yet' },
  { field: 'network.security', when: 'not yet' },
  { field: 'resources.limits.ephemeral-storage', when: 'not yet' },
  { field: 'resources.requests.ephemeral-storage', when: 'not yet' },
  { field: 'scaling.maxReplicas', when: 'not yet' },
  { field: 'scaling.metrics', when: 'not yet' },
  { field: 'scaling.minReplicas', when: 'not yet' },
  { field: 'secrets', when: 'not yet' },
  { field: 'security', when: 'not yet' },
  { field: 'securityContext', when: 'not yet' },
  { field: 'services', when: 'not yet' },
  { field: 'volumes.size', when: 'not yet' },
  { field: 'volumes.type', values: ['configmap', 'secret', 'tmpfs'], when: 'not yet' },
];

const cpuLimit = fieldPath('resources', 'limits', 'cpu');

/** The engine answers 200 to taking a CPU limit away from a container, and leaves it in force. */
const mutable: readonly MutableField[] = mutableAgentFields.map((field) =>
  field.path === cpuLimit ? { ...field, unset: 'replace' } : field,
);

/** An agent as containers, one a replica. */
export function compileAgent(agent: Agent, project: Project): Compiled {
  const diagnostics = [...refuseUnsupported(agent, 'docker', unsupported), ...refuseNetwork(agent, project)];
  if (hasErrors(diagnostics)) return { templates: [], diagnostics };
  const honoured = honouredPart(agent);
  const template = agentResourceTemplate(honoured, specOf(honoured), {
    driver: 'docker',
    shared: sharedTemplates(honoured),
    image: true,
  });
  return { templates: [{ ...template, mutable }], diagnostics };
}

/** The project's networks and named volumes that the agents stand on. */
export function compileShared(agents: readonly Agent[], project: Project): Compiled {
  const needed = new Set(agents.map(honouredPart).flatMap(sharedTemplates));
  const networks = Object.entries(project.networks).map(([name, { internal }]) =>
    sharedTemplate(networkTemplate(name), 'network', { internal }, project),
  );
  const volumes = agents
    .flatMap((agent) => agent.volumes)
    .flatMap((volume) => (volume.type === 'volume' ? [volumeTemplate(volume.source)] : []))
    .map((address) => sharedTemplate(address, 'volume', {}, project));
  const templates = new Map([...networks, ...volumes].map((template) => [template.address, template]));
  return {
    templates: [...templates.values()]
      .filter((template) => needed.has(template.address))
      .sort((left, right) => compareCodeUnits(left.address, right.address)),
    diagnostics: [],
  };
}

/** The agent without the mounts and network modes that it runs without where `lifecycle.bestEffort` allows that. */
function honouredPart(agent: Agent): Agent {
  const { mode } = agent.network;
  return {
    ...agent,
    volumes: agent.volumes.filter((volume) => volume.type === 'bind' || volume.type === 'volume'),
    network: { ...agent.network, mode: mode.type === 'named' ? mode : { type: 'bridge' } },
  };
}

function specOf(agent: Agent): AgentSpec {
  const { mode } = agent.network;
  return {
    ...commonSpec(agent),
    image: agent.image,
    network: { name: mode.type === 'named' ? mode.name : 'default', aliases: [agent.name] },
    init: agent.init,
  };
}

function refuseNetwork(agent: Agent, project: Project): readonly Diagnostic[] {
  const { mode } = agent.network;
  if (mode.type !== 'named' || !project.networks[mode.name]?.external) return [];
  const range = agent.written.find((field) => field.name === 'network.mode')?.range();
  return [
    {
      code: 'unsupported-field',
      severity: 'error',
      message: `the network \`${mode.name}\` is external, which is not supported yet by the docker driver`,
      hint: 'declare it without `external`, and aac makes a network of the project',
      address: agentTemplate(agent.name),
      ...(range ? { range } : {}),
    },
  ];
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
