import type { ScalingMemory } from '../../model/scaling.ts';
import type { Result } from '../../util/result.ts';

/** Within what an agent is scaled. Delays are milliseconds. */
export interface ScalingBounds {
  readonly min: number;
  readonly max: number;
  /** For so long every recommendation has to ask for more before there are more. */
  readonly scaleUpDelay: number;
  /** For so long no recommendation may ask for as many before there are fewer. */
  readonly scaleDownDelay: number;
}

/** How many replicas there should be, and in a few words why. */
export interface Recommendation {
  readonly replicas: number;
  readonly reason: 'off' | 'within bounds' | 'no metrics' | 'kept' | 'waiting' | 'load';
  readonly memory: ScalingMemory;
}

/** No agent grows by more than the larger of these in so many milliseconds; changes are remembered for as long. */
export const ratePeriod = 15_000;
const growth = { factor: 2, replicas: 4 } as const;

/** What is remembered of an agent that has never been looked at. */
export const noMemory: ScalingMemory = { recommendations: [], changes: [] };

/**
 * What is remembered when somebody begins to look at an agent: nobody knows what load there was meanwhile, so the present
 * number counts as a recommendation, and nothing is taken away before its delay is over.
 */
export function beginScaling(remembered: ScalingMemory, current: number, now: number): ScalingMemory {
  return { ...remembered, recommendations: recommended(remembered.recommendations, current, now) };
}

/**
 * How many replicas there should be, from what each metric proposes: the largest proposal wins; when one of the metrics
 * is not to be had there may be more but not fewer; then stabilisation, which keeps to the least of the recommendations
 * within `scaleUpDelay` and the greatest within `scaleDownDelay`; then at most a doubling, or four more, in 15 s; then
 * the bounds. After the behaviour of the Kubernetes horizontal pod autoscaler (`autoscaling/v2`, `horizontal.go`).
 */
export function recommendReplicas(
  current: number,
  proposals: readonly Result<number, string>[],
  bounds: ScalingBounds,
  before: ScalingMemory,
  now: number,
): Recommendation {
  const { min, max } = bounds;
  const remembered = forget(before, bounds, now);
  if (current === 0 && min !== 0) return { replicas: 0, reason: 'off', memory: remembered };
  if (current > max || current < min) {
    return moved(current, current > max ? max : min, 'within bounds', remembered, now);
  }
  const known = proposals.flatMap((proposal) => (proposal.ok ? [proposal.value] : []));
  const asked = Math.max(...known);
  if (known.length === 0 || (known.length < proposals.length && asked < current)) {
    return { replicas: current, reason: 'no metrics', memory: remembered };
  }
  const history = remembered.recommendations;
  const memory = { ...remembered, recommendations: recommended(history, asked, now) };
  const stable = stabilized(current, asked, history, bounds, now);
  const wanted = Math.min(Math.max(Math.min(stable, fastest(current, memory)), min), max);
  if (wanted === current) return { replicas: current, reason: asked === current ? 'kept' : 'waiting', memory };
  return moved(current, wanted, 'load', memory, now);
}

/** Of each number only the last time decides how long it holds more back, or fewer. */
function recommended(
  history: ScalingMemory['recommendations'],
  replicas: number,
  now: number,
): ScalingMemory['recommendations'] {
  return [...history.filter((each) => each.replicas !== replicas), { at: now, replicas }];
}

function stabilized(
  current: number,
  asked: number,
  history: ScalingMemory['recommendations'],
  { scaleUpDelay, scaleDownDelay }: ScalingBounds,
  now: number,
): number {
  const within = (delay: number): readonly number[] =>
    history.filter(({ at }) => at > now - delay).map(({ replicas }) => replicas);
  const up = Math.min(asked, ...within(scaleUpDelay));
  const down = Math.max(asked, ...within(scaleDownDelay));
  if (current < up) return up;
  return current > down ? down : current;
}

/** As many as there may be at most, measured from how many there were when the period began. */
function fastest(current: number, { changes }: ScalingMemory): number {
  const added = changes.reduce((sum, { by }) => sum + Math.max(0, by), 0);
  const start = current - added;
  return Math.max(current, start * growth.factor, start + growth.replicas);
}

function moved(
  from: number,
  to: number,
  reason: Recommendation['reason'],
  memory: ScalingMemory,
  now: number,
): Recommendation {
  return { replicas: to, reason, memory: { ...memory, changes: [...memory.changes, { at: now, by: to - from }] } };
}

function forget(memory: ScalingMemory, { scaleUpDelay, scaleDownDelay }: ScalingBounds, now: number): ScalingMemory {
  const longest = Math.max(scaleUpDelay, scaleDownDelay);
  return {
    recommendations: memory.recommendations.filter(({ at }) => at > now - longest),
    changes: memory.changes.filter(({ at }) => at > now - ratePeriod),
  };
}
