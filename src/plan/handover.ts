import { edgeTemplate, isEdge, templateOf, type Address, type TemplateAddress } from '../model/address.ts';
import { groupBy } from '../util/group.ts';
import type { DependencyOrder, NodeGraph } from './graph.ts';
import { askedPorts, collide, heldPorts, type HostPort } from './ports.ts';
import type { RemovalSteps, Steps } from './steps.ts';

/** A host port that the plan starts something on. */
interface Taker {
  readonly port: HostPort;
  readonly address: Address;
  /** Who comes up after it; absent where that is not looked at, and anybody might. */
  readonly awaitedBy?: ReadonlySet<TemplateAddress>;
}

/** What the plan starts on fixed host ports, by port number. */
export type Takers = ReadonlyMap<number, readonly Taker[]>;

/** Reads {@link Takers} out of the steps. */
export function takersOf(steps: readonly Steps[], dependsOn: DependencyOrder['dependsOn']): Takers {
  const takers = steps.flatMap(({ start, decision }): readonly Taker[] => {
    const { address, desired } = decision;
    if (start === undefined || !desired) return [];
    const awaited = isEdge(address) ? { awaitedBy: dependentsOf(edgeTemplate, dependsOn) } : {};
    return askedPorts(desired.spec).map((port) => ({ port, address, ...awaited }));
  });
  return groupBy(takers, ({ port }) => port.port);
}

/** All that depends on a template, whatever is between them. */
function dependentsOf(
  template: TemplateAddress,
  dependsOn: DependencyOrder['dependsOn'],
): ReadonlySet<TemplateAddress> {
  const found = new Set([template]);
  for (const one of found) {
    for (const [other, dependencies] of dependsOn) {
      if (dependencies.some(({ address }) => address === one)) found.add(other);
    }
  }
  return found;
}

/**
 * Whether an object that goes holds a host port that another address takes over. Such an object stops before anything
 * else: if it waited for its successor, that might be waiting for the one that waits for the port. The edge takes ports
 * over from agents, and their successors serve behind it: where they do not wait for it the old one goes last.
 */
export function givesPortAway({ removals, decision }: Steps, takers: Takers): boolean {
  const template = templateOf(decision.address);
  return removals.some(({ removal }) =>
    takenFrom(removal.object, takers).some(
      ({ address, awaitedBy }) => address !== decision.address && (awaitedBy?.has(template) ?? true),
    ),
  );
}

/** A host port that goes from one address to another. */
export interface Handover {
  readonly port: HostPort;
  readonly from: Address;
}

/** The host ports that change hands between the edge and an agent, by who takes them over. */
export function edgeHandovers(steps: readonly Steps[], takers: Takers): ReadonlyMap<Address, readonly Handover[]> {
  const found = steps.flatMap(({ decision: { address: from }, removals }) => {
    const taken = new Set(removals.flatMap(({ removal }) => takenFrom(removal.object, takers)));
    return [...taken]
      .filter(({ address }) => address !== from && (isEdge(address) || isEdge(from)))
      .map(({ port, address }) => ({ address, port, from }));
  });
  return groupBy(found, ({ address }) => address);
}

/** Whether old and new would hold one host port at the same time. */
export function keepsPort({ removals, decision }: Steps, takers: Takers): boolean {
  return removals.some(({ removal }) =>
    takenFrom(removal.object, takers).some(({ address }) => address === decision.address),
  );
}

/** What takes over a host port waits until it is free. Within one address the rollout has seen to it. */
export function orderHandovers(graph: NodeGraph, steps: readonly Steps[], takers: Takers): void {
  const starts = new Map(steps.map(({ decision, start }) => [decision.address, start] as const));
  for (const { decision, removals } of steps) {
    for (const { removal, stop, remove } of removals) {
      for (const { address } of takenFrom(removal.object, takers)) {
        const start = starts.get(address);
        if (address !== decision.address && start !== undefined) graph.prefer(start, stop ?? remove);
      }
    }
  }
}

function takenFrom(object: RemovalSteps['removal']['object'], takers: Takers): readonly Taker[] {
  if (takers.size === 0) return [];
  return heldPorts(object).flatMap((held) => (takers.get(held.port) ?? []).filter(({ port }) => collide(port, held)));
}
