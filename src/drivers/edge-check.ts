import type { EdgeCheck } from '../model/edge.ts';
import type { HealthCheck } from '../model/spec.ts';

/** The part of a health check that an edge can ask a replica for by itself; `undefined` for what takes place inside. */
export function edgeCheck(check: HealthCheck | undefined): EdgeCheck | undefined {
  if (check?.type !== 'http' && check?.type !== 'tcp') return undefined;
  const { port, interval, timeout, retries, successThreshold } = check;
  return { port, interval, timeout, retries, successThreshold, ...(check.type === 'http' ? { path: check.path } : {}) };
}
