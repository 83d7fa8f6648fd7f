import { afterProbe, beginProbing, type Probing } from '../apply/readiness.ts';
import type { ProbeResult } from '../drivers/driver.ts';
import type { Health } from '../model/health.ts';
import type { HealthCheck } from '../model/spec.ts';

/** The health of one life of an agent, and when it is asked next. Times are milliseconds since the epoch. */
export interface HealthSchedule {
  readonly life: string;
  readonly probing: Probing;
  readonly nextAt: number;
}

/**
 * The schedule for a life, its first check due at once. `known` is what an earlier supervisor had found of this life:
 * it stands until checks say otherwise.
 */
export function beginHealth(check: HealthCheck, life: string, known: Health, now: number): HealthSchedule {
  const started = Date.parse(life);
  const probing = beginProbing(check, Number.isNaN(started) ? now : started);
  return { life, probing: known === 'none' ? probing : { ...probing, status: known }, nextAt: now };
}

/** The schedule after one more check that ended at `now`. */
export function afterCheckOf(
  schedule: HealthSchedule,
  check: HealthCheck,
  result: ProbeResult,
  now: number,
): HealthSchedule {
  const probing = afterProbe(schedule.probing, check, result, now);
  const pause = probing.status === 'starting' ? check.startInterval : check.interval;
  return { ...schedule, probing, nextAt: now + pause };
}
