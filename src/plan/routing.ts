import { isRunning } from '../model/version.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { Decision } from './decision.ts';

/**
 * Whether a new object comes up without the names of its agent, to be given them once it is ready: others answer by
 * them meanwhile. Where nobody does it has them from the start, as a name that leads nowhere helps nobody.
 */
export function comesUnrouted({ bringUp, stopFirst }: Decision, peers: readonly Decision[]): boolean {
  if (bringUp.type !== 'create' || bringUp.desired.template.routes !== true || stopFirst) return false;
  return peers.some(({ current, removals }) =>
    [...(current ? [current] : []), ...removals.map(({ object }) => object)].some(serves),
  );
}

/**
 * Whether an object that goes loses its names before it stops: it answers by them, and so will another. `peers` are all
 * decisions about the replicas of the agent.
 */
export function losesNames(decision: Decision, object: ObservedResource, peers: readonly Decision[]): boolean {
  if (!serves(object) || object.keepsNames) return false;
  const { bringUp, stopFirst } = decision;
  if (bringUp.type !== 'nothing' && stopFirst) return false;
  const others = peers.filter((peer) => peer !== decision && routes(peer));
  if (others.length > 0) return true;
  if (!routes(decision)) return false;
  if (bringUp.type === 'keep') return true;
  const rollout = decision.desired?.template.rollout;
  return rollout?.strategy === 'rolling' && rollout.maxSurge > 0;
}

/** Whether something stands at the address in the end that the driver leads names to. */
function routes({ bringUp, desired }: Decision): boolean {
  return bringUp.type !== 'nothing' && desired?.template.routes === true;
}

function serves(object: ObservedResource): boolean {
  return object.routed === true && isRunning(object);
}
