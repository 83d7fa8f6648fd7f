import { parseAddress, templateOf, type Address } from '../model/address.ts';
import type { DesiredResource, DesiredState } from '../model/desired.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { Change, Drift } from '../model/plan.ts';
import { expandReplicas } from '../plan/replicas.ts';
import { groupBy } from '../util/group.ts';
import { edgeSection, type EdgeSection } from './edge-traffic.ts';
import { readEdges } from './edges.ts';
import { byNameAndReplica, listAgents } from './list-agents.ts';
import { planWorkspace } from './plan-workspace.ts';
import { isCalled, unknownAgents } from './select-agents.ts';
import type { Workspace } from './workspace.ts';

/** Everything that is known of one replica. */
export interface AgentInspection {
  readonly address: Address;
  /** What the manifests ask for; absent where none declares it or one is invalid. */
  readonly desired?: DesiredResource;
  /** What stands: more than one where a rollout was cut short or the driver changed. */
  readonly objects: readonly ObservedResource[];
  /** What apply would do about the difference. */
  readonly change?: Change;
  /** What the world did since the last apply. */
  readonly drift?: Drift;
  /** What an edge has to tell of it; absent where none runs that has to do with it. */
  readonly edge?: EdgeSection;
}

/** What was found, and why there is less of it than there might be. */
export interface InspectedAgents {
  readonly agents: readonly AgentInspection[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Desired, last applied and live of the agents of these names (`web`, `web/0`), all of them when none is named. Where
 * no plan can be made what stands is shown without it, and the diagnostics say why. Changes nothing.
 */
export async function inspectAgents(
  workspace: Workspace,
  names: readonly string[],
  signal: AbortSignal,
): Promise<InspectedAgents> {
  const listed = await listAgents(workspace, [], signal);
  const planned = await planWorkspace(workspace, {}, signal);
  const objects = groupBy(listed.agents, ({ address }) => address);
  const desired = desiredReplicas(workspace.desired, [...objects.keys()]);
  const readings = await readEdges(listed.agents, workspace.drivers, signal);
  const addresses = [...new Set([...objects.keys(), ...desired.keys()])].sort(byNameAndReplica);
  const agents = addresses
    .filter((address) => names.length === 0 || names.some((name) => isCalled(address, name)))
    .map((address): AgentInspection => {
      const wanted = desired.get(address);
      const change = planned.ok ? planned.value.plan.changes.find((each) => each.address === address) : undefined;
      const drift = planned.ok ? planned.value.plan.drift.find((each) => each.address === address) : undefined;
      const edge = edgeSection(address, readings, listed.agents);
      return {
        address,
        ...(wanted ? { desired: wanted } : {}),
        objects: objects.get(address) ?? [],
        ...(change ? { change } : {}),
        ...(drift ? { drift } : {}),
        ...(edge ? { edge } : {}),
      };
    });
  const found = planned.ok ? planned.value.plan.diagnostics : planned.error;
  const declared = [...desired.values()].flatMap(({ address }) => parseAddress(address)?.name ?? []);
  const strange = names.filter((name) => !addresses.some((address) => isCalled(address, name)));
  const unknown = unknownAgents(strange, listed.agents, [...new Set(declared)]);
  return { agents, diagnostics: [...(hasErrors(found) ? found : listed.diagnostics), ...unknown] };
}

function desiredReplicas(
  desired: DesiredState | undefined,
  standing: readonly Address[],
): ReadonlyMap<Address, DesiredResource> {
  const templates = [...(desired?.templates.values() ?? [])].filter(({ kind }) => kind === 'agent');
  const replicas = templates.flatMap((template) => {
    const own = standing.filter((address) => templateOf(address) === template.address);
    return expandReplicas(template, own).resources;
  });
  return new Map(replicas.map((replica) => [replica.address, replica]));
}
