import { templateOf, type Address } from '../model/address.ts';
import type { DriverName } from '../model/agent.ts';
import type { Facts } from '../model/observed.ts';
import type { NodeId, PlanNode } from '../model/plan.ts';
import { groupBy } from '../util/group.ts';
import type { Decision } from './decision.ts';
import { edgeHandovers, takersOf, type Handover } from './handover.ts';
import { NodeGraph, type DependencyOrder } from './graph.ts';
import { orderRollout } from './rollout.ts';
import { orderAddresses } from './sequence.ts';
import { addSteps, type Steps } from './steps.ts';

/** What lowering depends on besides the decisions. */
export interface LoweringContext {
  readonly dependsOn: DependencyOrder['dependsOn'];
  readonly facts: ReadonlyMap<DriverName, Facts>;
  readonly waitTimeout: number | undefined;
}

/** The nodes, and the addresses at which what runs stops before its successor starts. */
export interface Lowered {
  readonly nodes: readonly PlanNode[];
  readonly interrupted: ReadonlySet<Address>;
  /** Host ports that the edge takes over, or gives away. */
  readonly handovers: ReadonlyMap<Address, readonly Handover[]>;
}

/** Turns decisions, in address order, into nodes that an executor can carry out without deciding anything. */
export function lower(decisions: readonly Decision[], context: LoweringContext): Lowered {
  const { dependsOn, facts, waitTimeout } = context;
  const graph = new NodeGraph();
  const peers = groupBy(decisions, ({ address }) => templateOf(address));
  const steps = decisions.map((decision) =>
    addSteps(graph, decision, { peers: peers.get(templateOf(decision.address)) ?? [], waitTimeout }),
  );
  addPulls(graph, steps, facts);
  const byTemplate = groupBy(steps, ({ decision }) => templateOf(decision.address));
  const takers = takersOf(steps, dependsOn);
  const interrupted = [...byTemplate.values()].flatMap((own) => orderRollout(graph, own, takers, waitTimeout));
  orderAddresses(graph, { steps, byTemplate, dependsOn, interrupted, takers, waitTimeout });
  return {
    nodes: graph.toNodes(),
    interrupted: new Set(interrupted.map(({ decision }) => decision.address)),
    handovers: edgeHandovers(steps, takers),
  };
}

/** One pull for each image and driver, before anything is stopped for what needs it. */
function addPulls(graph: NodeGraph, steps: readonly Steps[], facts: ReadonlyMap<DriverName, Facts>): void {
  const wanted = steps.filter(({ decision }) => needsPull(decision, facts));
  const drivers = new Map<string, Set<DriverName>>();
  for (const { decision } of wanted) {
    const image = imageOf(decision);
    drivers.set(image, (drivers.get(image) ?? new Set()).add(decision.driver));
  }
  for (const { decision, create, removals } of wanted) {
    const { bringUp, desired, address, kind, driver, cause } = decision;
    if (create === undefined || !desired || bringUp.type !== 'create') continue;
    const image = imageOf(decision);
    const suffix = (drivers.get(image)?.size ?? 0) > 1 ? ` (${driver})` : '';
    const id = `pull ${image}${suffix}` as NodeId;
    if (!graph.has(id)) {
      graph.add({ id, step: { address, driver, kind, target: bringUp.target, verb: 'pull', image }, cause });
    }
    graph.require(create, id);
    for (const { first } of removals) graph.require(first, id);
  }
}

function needsPull({ bringUp, desired, driver }: Decision, facts: ReadonlyMap<DriverName, Facts>): boolean {
  const image = desired?.template.image;
  if (!image || bringUp.type !== 'create') return false;
  switch (image.pullPolicy) {
    case 'Always':
      return true;
    case 'IfNotPresent':
      return facts.get(driver)?.images.get(image.name) === null;
    case 'Never':
      return false;
  }
}

function imageOf({ desired }: Decision): string {
  return desired?.template.image?.name ?? '';
}
