import { networkTemplate, volumeTemplate, type TemplateAddress } from '../../model/address.ts';
import type { Agent, Project } from '../../model/agent.ts';
import type { ResourceTemplate } from '../../model/desired.ts';
import { nowhere } from '../../model/source.ts';
import { toJson, type AgentSpec } from '../../model/spec.ts';
import { compareCodeUnits } from '../../util/compare.ts';
import { agentResourceTemplate, commonSpec, sharedTemplates } from '../compile.ts';
import type { Compiled } from '../driver.ts';

/** Compiles an agent; the world without an engine honours every field by holding it. */
export function compile(agent: Agent, _project: Project): Compiled {
  const shared = sharedTemplates(agent);
  const network = networkOf(agent);
  const spec: AgentSpec = {
    ...commonSpec(agent),
    image: agent.image,
    ...(network ? { network } : {}),
    init: agent.init,
  };
  const template = agentResourceTemplate(agent, spec, { driver: 'memory', shared, image: true });
  const routes = network !== undefined && template.rollout.strategy === 'rolling' && !template.readiness.oneShot;
  return { templates: [{ ...template, routes }], diagnostics: [] };
}

/** Compiles the networks and volumes that agents stand on. External networks are not ours to make. */
export function compileShared(agents: readonly Agent[], project: Project): Compiled {
  const needed = [...new Set(agents.flatMap(sharedTemplates))].sort(compareCodeUnits);
  return { templates: needed.flatMap((address) => sharedTemplate(address, project)), diagnostics: [] };
}

function networkOf(agent: Agent): AgentSpec['network'] {
  const { mode, aliases } = agent.network;
  if (mode.type !== 'bridge' && mode.type !== 'named') return undefined;
  return { name: mode.type === 'named' ? mode.name : 'default', aliases: [agent.name, ...aliases] };
}

function sharedTemplate(address: TemplateAddress, project: Project): readonly ResourceTemplate[] {
  const name = address.slice(address.indexOf('/') + 1);
  if (address === volumeTemplate(name)) return [template(address, 'volume', toJson({}))];
  if (address !== networkTemplate(name)) return [];
  const network = project.networks[name];
  return network?.external ? [] : [template(address, 'network', toJson({ internal: network?.internal ?? false }))];
}

function template(
  address: TemplateAddress,
  kind: 'network' | 'volume',
  spec: ResourceTemplate['spec'],
): ResourceTemplate {
  return {
    address,
    driver: 'memory',
    kind,
    spec,
    references: new Map(),
    mutable: [],
    ignore: [],
    dependsOn: [],
    protect: false,
    rollout: { strategy: 'recreate' },
    replicas: { type: 'fixed', count: 1 },
    readiness: { oneShot: false, minReady: 0, deadline: 60_000 },
    manifest: '',
    source: nowhere,
  };
}
