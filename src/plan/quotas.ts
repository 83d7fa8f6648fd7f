import type { Project } from '../model/agent.ts';
import type { ResourceTemplate } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { fieldPath, valueAt } from '../model/field-path.ts';
import { formatBytes, formatCpu } from '../model/quantity.ts';
import type { SourceMap } from '../model/source.ts';
import { compareCodeUnits } from '../util/compare.ts';
import { nameField, rangeAt } from './source.ts';

/** What all agents of a project may take together. */
export type Quotas = Project['quotas'];

/**
 * An error for each agent that asks for more than those before it, in the order of their names, have left of the
 * project's quota. An agent counts by its limit, else by its request, times its replicas.
 */
export function checkQuotas(
  templates: Iterable<ResourceTemplate>,
  quotas: Quotas,
  project?: SourceMap,
): readonly Diagnostic[] {
  const agents = [...templates]
    .filter(({ kind }) => kind === 'agent')
    .sort((left, right) => compareCodeUnits(left.address, right.address));
  return [
    ...over(agents, {
      name: 'cpu',
      total: quotas.cpu,
      format: formatCpu,
      of: (agent) => amountOf(agent, 'cpu'),
      project,
    }),
    ...over(agents, {
      name: 'memory',
      total: quotas.memory,
      format: formatBytes,
      of: (agent) => amountOf(agent, 'memory'),
      project,
    }),
    ...over(agents, { name: 'agents', total: quotas.agents, format: String, of: replicasOf, project }),
  ];
}

interface Quota {
  readonly name: 'cpu' | 'memory' | 'agents';
  readonly total: number | undefined;
  readonly format: (amount: number) => string;
  readonly of: (agent: ResourceTemplate) => number;
  readonly project: SourceMap | undefined;
}

function over(agents: readonly ResourceTemplate[], { name, total, format, of, project }: Quota): readonly Diagnostic[] {
  if (total === undefined) return [];
  let free = total;
  return agents.flatMap((agent): readonly Diagnostic[] => {
    const asked = of(agent);
    if (asked <= free) {
      free -= asked;
      return [];
    }
    const quota = project?.locate(fieldPath('quotas', name));
    return [
      {
        code: 'insufficient-resources',
        severity: 'error',
        message: `insufficient ${name} in the quota of the project: asked ${format(asked)}, free ${format(free)}, total ${format(total)}`,
        hint: `ask for less, or raise \`spec.quotas.${name}\` of the project`,
        address: agent.address,
        ...rangeAt(agent, name === 'agents' ? nameField : fieldPath('resources', 'limits', name)),
        ...(quota ? { related: [{ message: 'the quota', range: quota }] } : {}),
      },
    ];
  });
}

function amountOf(agent: ResourceTemplate, name: 'cpu' | 'memory'): number {
  const [limit, request] = ['limits', 'requests'].map((kind) =>
    valueAt(agent.spec, fieldPath('resources', kind, name)),
  );
  const each = typeof limit === 'number' ? limit : typeof request === 'number' ? request : 0;
  return each * replicasOf(agent);
}

function replicasOf({ replicas }: ResourceTemplate): number {
  return replicas.type === 'fixed' ? replicas.count : replicas.initial;
}
