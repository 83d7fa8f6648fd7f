import { readSupervisions } from '../apply/supervision-files.ts';
import { parseAddress, type Address } from '../model/address.ts';
import { compareCodeUnits } from '../util/compare.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import { observeWorkspace } from './observe-workspace.ts';
import { overlaySupervision } from './overlay-supervision.ts';
import { isNamed } from './select-agents.ts';
import type { Workspace } from './workspace.ts';

/** The agents of a workspace that stand, and what could not be looked at. */
export interface AgentList {
  readonly agents: readonly ObservedResource[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Lists what stands of a workspace, declared or not; works beside invalid manifests too. */
export async function listAgents(
  workspace: Workspace,
  names: readonly string[],
  signal: AbortSignal,
): Promise<AgentList> {
  const { reading, desired, history, drivers } = workspace;
  const seen = await observeWorkspace(reading.project, desired, history.drivers, drivers, signal);
  const supervisions = await readSupervisions(workspace.stateFolder);
  const observed = overlaySupervision(seen.observed, supervisions, workspace.watcher !== undefined);
  const agents = [...observed.resources.values()]
    .flat()
    .filter((resource) => resource.kind === 'agent')
    .filter((resource) => names.length === 0 || names.some((name) => isNamed(resource, name)))
    .sort(
      (left, right) =>
        byNameAndReplica(left.address, right.address) || left.record.generation - right.record.generation,
    );
  return { agents, diagnostics: seen.diagnostics };
}

/** Orders agents as people look for them: by name, the replicas of one by number. */
export function byNameAndReplica(left: Address, right: Address): number {
  const [one, other] = [parseAddress(left), parseAddress(right)];
  return compareCodeUnits(one?.name ?? '', other?.name ?? '') || (one?.index ?? 0) - (other?.index ?? 0);
}
