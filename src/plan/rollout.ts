import { isEdge } from '../model/address.ts';
import type { NodeGraph } from './graph.ts';
import { givesPortAway, keepsPort, type Takers } from './handover.ts';
import { addCompletion, addWait, type RemovalSteps, type Steps } from './steps.ts';

/** How the replicas of one agent change places. */
interface Pace {
  /** So many at a time come before their predecessors go … */
  readonly surge: number;
  /** … and so many after. */
  readonly unavailable: number;
}

/**
 * Orders old against new within one template. `recreate`: the old is gone before the new is made. `rolling`: the old
 * goes once the new is ready, one batch after the other; where a host port has to be free first the old goes first.
 * Returns those whose running object stops before its successor starts.
 */
export function orderRollout(
  graph: NodeGraph,
  replicas: readonly Steps[],
  takers: Takers,
  waitTimeout: number | undefined,
): readonly Steps[] {
  const placed = replicas.filter(
    ({ removals, decision }) => removals.length > 0 && decision.bringUp.type !== 'nothing',
  );
  const replaced = placed.filter(({ create }) => create !== undefined);
  const pace = paceOf(replaced, takers);
  const size = pace && pace.surge + pace.unavailable;
  const interrupted = new Set<Steps>();
  for (const steps of placed) {
    const place = size === undefined || steps.create === undefined ? 0 : replaced.indexOf(steps) % size;
    const stopFirst = steps.create === undefined ? !maySurge(steps, takers) : !pace || place >= pace.surge;
    for (const removal of steps.removals) {
      if (stopFirst || removal.removal.cause.type === 'driver-changed') {
        oldBeforeNew(graph, steps, removal);
        if (removal.stop !== undefined && steps.start !== undefined) interrupted.add(steps);
      } else newBeforeOld(graph, steps, removal, waitTimeout);
    }
  }
  if (pace) orderBatches(graph, replaced, pace);
  return [...interrupted];
}

/** `undefined`: all at once, the old before the new. */
function paceOf(replaced: readonly Steps[], takers: Takers): Pace | undefined {
  const rollout = replaced[0]?.decision.desired?.template.rollout;
  if (rollout?.strategy !== 'rolling' || replaced.some((steps) => hasToYield(steps, takers))) return undefined;
  const unavailable = Math.max(rollout.maxUnavailable, 0);
  const surge = replaced.some((steps) => keepsPort(steps, takers)) ? 0 : Math.max(rollout.maxSurge, 0);
  return surge + unavailable === 0 ? { surge: 0, unavailable: 1 } : { surge, unavailable };
}

/** Whether others wait for the old one to go, so that it must not wait for anything. */
function hasToYield(steps: Steps, takers: Takers): boolean {
  return steps.decision.stopFirst || givesPortAway(steps, takers);
}

/** Whether old and new may stand side by side. */
function maySurge(steps: Steps, takers: Takers): boolean {
  const { kind, desired } = steps.decision;
  if (kind !== 'agent' || desired?.template.rollout.strategy !== 'rolling') return false;
  return !hasToYield(steps, takers) && !keepsPort(steps, takers);
}

function oldBeforeNew(
  graph: NodeGraph,
  { decision, create, start }: Steps,
  { first: end, stop, remove }: RemovalSteps,
) {
  const first = create ?? start;
  if (isEdge(decision.address) && create !== undefined && start !== undefined) {
    // agents are behind it: it is away for no longer than it takes to start the next one, which can be made by then
    graph.require(end, create);
    graph.require(start, stop ?? remove);
    return;
  }
  if (first !== undefined) graph.require(first, remove);
}

/** Also what is brought up already has to prove itself before its predecessor goes. */
function newBeforeOld(graph: NodeGraph, steps: Steps, removal: RemovalSteps, waitTimeout: number | undefined): void {
  const { decision, ready, route } = steps;
  const isOneShot = decision.desired?.template.readiness.oneShot;
  const proof =
    route ??
    ready ??
    (isOneShot ? addCompletion(graph, steps, waitTimeout) : addWait(graph, decision, 'ready', waitTimeout));
  if (proof !== undefined) graph.require(removal.first, proof);
}

/** Each batch begins when the one before it is ready and has nothing old left. */
function orderBatches(graph: NodeGraph, replaced: readonly Steps[], { surge, unavailable }: Pace): void {
  const size = surge + unavailable;
  for (const [index, steps] of replaced.entries()) {
    const before = (Math.floor(index / size) - 1) * size;
    if (before < 0) continue;
    const stops = steps.removals.filter(
      ({ removal }) => index % size >= surge || removal.cause.type === 'driver-changed',
    );
    const firsts = stops.length > 0 ? stops.map(({ first }) => first) : [steps.create];
    for (const earlier of replaced.slice(before, before + size)) {
      const lasts = [earlier.route ?? earlier.ready, ...earlier.removals.map(({ remove }) => remove)];
      for (const first of firsts) {
        for (const last of lasts) if (first !== undefined && last !== undefined) graph.require(first, last);
      }
    }
  }
}
