import type { Prober, ProbeResult } from '../drivers/driver.ts';
import type { HealthCheck } from '../model/spec.ts';
import type { Clock } from '../util/clock.ts';
import { bounded } from './bounded.ts';

/** One check, for no longer than its timeout. Whatever keeps it from running is a result that counts neither way. */
export async function probeOnce(
  driver: Prober,
  ref: string,
  check: HealthCheck,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<ProbeResult> {
  const ended = await bounded((inner) => driver.probe(ref, check, inner), { clock, deadline: check.timeout, signal });
  switch (ended.type) {
    case 'done':
      return ended.value;
    case 'timeout':
      return { status: 'failure', message: `no answer within ${String(check.timeout / 1_000)} s` };
    case 'aborted':
      return { status: 'error', message: 'cut off' };
    case 'thrown':
      return { status: 'error', message: ended.error instanceof Error ? ended.error.message : String(ended.error) };
  }
}
