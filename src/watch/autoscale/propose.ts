import { err, ok, type Result } from '../../util/result.ts';

/** One replica as a metric sees it. Times are milliseconds since the epoch. */
export interface ReplicaSample {
  /** Running; one that is being made is `false`. Those that have ended or are going away are not among the samples. */
  readonly running: boolean;
  readonly ready: boolean;
  readonly startedAt?: number;
  /** When `ready` last changed. */
  readonly readyChangedAt?: number;
  /** Absent: nothing was measured. */
  readonly usage?: {
    /** Cpu in nano-cores on average over `window`, memory in bytes. */
    readonly value: number;
    readonly at: number;
    /** Milliseconds before `at` that the value speaks of. */
    readonly window: number;
  };
}

/** What one resource is to be used to, in whole percent of what each replica asks for. */
export interface UtilizationTarget {
  readonly resource: 'cpu' | 'memory';
  readonly percent: number;
  /** Nano-cores or bytes that one replica asks for; absent where the manifest asks for nothing. */
  readonly request?: number;
}

/** What one resource asks for. */
export interface Proposal {
  readonly replicas: number;
  /** Whole percent of what the measured replicas ask for. */
  readonly utilization: number;
}

/** Cpu is not believed so long after a start unless the replica is ready and was so for the whole of its window. */
export const cpuInitializationPeriod = 5 * 60_000;
/** A replica that left readiness no later than this after its start has never been ready. */
export const initialReadinessDelay = 30_000;
/** Thousandths of the target by which utilization may be off without any change. */
export const tolerancePermille = 100;

/**
 * How many replicas one resource asks for, by the algorithm of the Kubernetes horizontal pod autoscaler
 * (`replica_calculator.go`, cpu and memory by utilization): utilization of those that were measured, replicas without a
 * measurement assumed to speak against the change, and no change within a tolerance of 10 %. Percentages are whole
 * numbers, so that the tolerance is exact.
 */
export function proposeReplicas(
  samples: readonly ReplicaSample[],
  target: UtilizationTarget,
  current: number,
  now: number,
): Result<Proposal, string> {
  const { request, resource, percent } = target;
  if (request === undefined || request <= 0) return err(`\`resources.requests.${resource}\` is missing`);
  const setAside = samples.filter((sample) => isSetAside(sample, resource, now));
  const measured = samples.filter((sample) => !setAside.includes(sample) && sample.usage !== undefined);
  const missing = samples.length - setAside.length - measured.length;
  if (measured.length === 0) return err(`${resource} of no replica is known`);

  const used = measured.reduce((sum, { usage }) => sum + (usage?.value ?? 0), 0);
  const utilization = percentOf(used, request * measured.length);
  const propose = (replicas: number): Result<Proposal, string> => ok({ replicas, utilization });
  const hasUnready = setAside.length > 0 && utilization > percent;
  if (missing === 0 && !hasUnready) {
    return propose(isClose(utilization, percent) ? current : replicasFor(utilization, percent, measured.length));
  }
  const assumed = utilization < percent ? (missing * request * Math.max(100, percent)) / 100 : 0;
  const counted = measured.length + (utilization === percent ? 0 : missing) + (hasUnready ? setAside.length : 0);
  const refilled = percentOf(used + assumed, request * counted);
  const turned = (utilization < percent && refilled > percent) || (utilization > percent && refilled < percent);
  if (turned || isClose(refilled, percent)) return propose(current);
  const proposed = replicasFor(refilled, percent, counted);
  const isBackwards = (refilled < percent && proposed > current) || (refilled > percent && proposed < current);
  return propose(isBackwards ? current : proposed);
}

/** Not counted for now: not running yet, or for cpu, not ready or too young to tell its load from its start. */
function isSetAside(sample: ReplicaSample, resource: UtilizationTarget['resource'], now: number): boolean {
  const { running, ready, startedAt, readyChangedAt, usage } = sample;
  if (!running) return true;
  if (resource === 'memory' || usage === undefined) return false;
  if (startedAt === undefined || readyChangedAt === undefined) return true;
  if (now < startedAt + cpuInitializationPeriod) return !ready || usage.at < readyChangedAt + usage.window;
  return !ready && startedAt + initialReadinessDelay > readyChangedAt;
}

function percentOf(used: number, asked: number): number {
  return Math.floor((100 * used) / asked);
}

function isClose(utilization: number, percent: number): boolean {
  return Math.abs(utilization - percent) * 1000 <= tolerancePermille * percent;
}

/** `ceil(utilization / percent * count)` in whole numbers. */
function replicasFor(utilization: number, percent: number, count: number): number {
  return Math.ceil((utilization * count) / percent);
}
