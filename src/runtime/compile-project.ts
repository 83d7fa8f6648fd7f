import { agentTemplate, edgeTemplate, type TemplateAddress } from '../model/address.ts';
import type { Agent, DriverName, Project } from '../model/agent.ts';
import type { DesiredState, ResourceTemplate } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { fieldPath } from '../model/field-path.ts';
import type { Compiled } from '../drivers/driver.ts';
import { groupBy } from '../util/group.ts';
import type { DriverSet } from './driver-set.ts';

/** What the manifests ask for, compiled by the driver of each agent. */
export interface CompiledProject {
  readonly desired: DesiredState;
  readonly diagnostics: readonly Diagnostic[];
}

/** Has each agent compiled by its driver, and each driver compile what its agents share. */
export async function compileProject(
  project: Project,
  agents: readonly Agent[],
  drivers: DriverSet,
): Promise<CompiledProject> {
  const compiled: Compiled[] = [];
  for (const [name, own] of groupBy(agents, (agent) => agent.driver)) {
    const driver = await drivers.open(name);
    if (!driver) {
      compiled.push({ templates: [], diagnostics: own.map((agent) => unknownDriver(agent, name, drivers.names)) });
      continue;
    }
    compiled.push(driver.compileShared(own, project), ...own.map((agent) => driver.compile(agent, project)));
  }
  const templates = new Map<TemplateAddress, ResourceTemplate>(
    compiled.flatMap((part) => part.templates.map((template) => [template.address, template] as const)),
  );
  return {
    desired: { workspace: project.workspace, scope: project.scope, templates },
    diagnostics: [...compiled.flatMap((part) => part.diagnostics), ...twoEdges(compiled)],
  };
}

/** A project has one edge, which is of one driver. */
function twoEdges(compiled: readonly Compiled[]): readonly Diagnostic[] {
  const edges = compiled.flatMap(({ templates }) => templates.filter(({ address }) => address === edgeTemplate));
  const [first, second] = edges;
  if (!first || !second) return [];
  const [range, related] = [second, first].map(({ source }) => source.locate(fieldPath('ports')));
  return [
    {
      code: 'unsupported-field',
      severity: 'error',
      message: `agents of the drivers \`${first.driver}\` and \`${second.driver}\` need an edge, and a project can have one of one driver yet`,
      hint: 'have the agents that share a host port run with one driver, or give `host: 0` for any free port',
      address: second.address,
      ...(range ? { range } : {}),
      ...(related ? { related: [{ message: 'the other one', range: related }] } : {}),
    },
  ];
}

function unknownDriver(agent: Agent, name: DriverName, known: readonly DriverName[]): Diagnostic {
  const range = agent.written.find((field) => field.name === 'driver')?.range();
  return {
    code: 'unknown-driver',
    severity: 'error',
    message: `there is no \`${name}\` driver in this version of aac`,
    hint: `use one of: ${known.join(', ')}`,
    address: agentTemplate(agent.name),
    ...(range ? { range } : {}),
  };
}
