import type { Result } from '../../util/result.ts';

/** What an autoscaler remembers of one agent; plain JSON. Times are milliseconds since the epoch. */
export interface ScalingMemory {
  /** What was asked for before stabilisation, oldest first, no older than the longer delay. */
  readonly recommendations: readonly { readonly at: number; readonly replicas: number }[];
  /** How the number changed, no older than {@link ratePeriod}. */
  readonly changes: readonly { readonly at: number; readonly by: number }[];
}

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

/** No agent grows by more than the larger of these in so many milliseconds. */
export const ratePeriod = 15_000;
const growth = { factor: 2, replicas: 4 } as const;

/** What is remembered when an agent is looked at for the first time. */
export const noMemory: ScalingMemory = { recommendations: [], changes: [] };

/**
 * How many replicas there should be, from what each metric proposes: the largest proposal wins; when one of the metrics
 * is not to be had there may be more but not fewer; then stabilisation, which keeps to the least of the recommendations
 * within `scaleUpDelay` and the greatest within `scaleDownDelay`; then at most a doubling, or four more, in 15 s; then
 * the bounds. After the behaviour of the Kubernetes horizontal pod autoscaler (`autoscaling/v2`, `horizontal.go`). The
 * first look counts the present number as a recommendation, so that a restart never scales anything down at once.
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
  const history = before === noMemory ? [{ at: now, replicas: current }] : remembered.recommendations;
  const memory = { ...remembered, recommendations: [...history, { at: now, replicas: asked }] };
  const stable = stabilized(current, asked, history, bounds, now);
  const wanted = Math.min(Math.max(Math.min(stable, fastest(current, memory)), min), max);
  if (wanted === current) return { replicas: current, reason: asked === current ? 'kept' : 'waiting', memory };
  return moved(current, wanted, 'load', memory, now);
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
  return Math.max(start * growth.factor, start + growth.replicas);
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
