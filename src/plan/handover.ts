import type { Address } from '../model/address.ts';
import { groupBy } from '../util/group.ts';
import type { NodeGraph } from './graph.ts';
import { askedPorts, collide, heldPorts, type HostPort } from './ports.ts';
import type { RemovalSteps, Steps } from './steps.ts';

/** A host port that the plan starts something on. */
interface Taker {
  readonly port: HostPort;
  readonly address: Address;
}

/** What the plan starts on fixed host ports, by port number. */
export type Takers = ReadonlyMap<number, readonly Taker[]>;

/** Reads {@link Takers} out of the steps. */
export function takersOf(steps: readonly Steps[]): Takers {
  const takers = steps.flatMap(({ start, decision }): readonly Taker[] => {
    if (start === undefined || !decision.desired) return [];
    return askedPorts(decision.desired.spec).map((port) => ({ port, address: decision.address }));
  });
  return groupBy(takers, ({ port }) => port.port);
}

/**
 * Whether an object that goes holds a host port that another address takes over. Such an object stops before anything
 * else: if it waited for its successor, that might be waiting for the one that waits for the port.
 */
export function givesPortAway({ removals, decision }: Steps, takers: Takers): boolean {
  return removals.some(({ removal }) =>
    takenFrom(removal.object, takers).some(({ address }) => address !== decision.address),
  );
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
