import type { DriverError } from '../model/outcome.ts';
import type { Result } from '../util/result.ts';
import type { Clock } from '../util/clock.ts';

/** How often and after which pauses a call is tried again. Milliseconds. */
export const retryPolicy = { attempts: 5, base: 200, factor: 2, cap: 5_000, jitter: 0.2 } as const;

/** What a retried call came to, and at which attempt, counted from 1. */
export interface Attempted<T> {
  readonly result: Result<T, DriverError>;
  readonly attempts: number;
}

/** What a retry needs of its surroundings. */
export interface RetryOptions {
  readonly clock: Clock;
  /** Evenly from 0 to 1. */
  readonly random: () => number;
  /** Ends a pause between two attempts; what is returned then is the last failure. */
  readonly signal: AbortSignal;
  readonly onRetry: (attempt: number, delay: number, error: DriverError) => void;
}

/**
 * Tries `call` until it succeeds, fails with a `terminal` error or has been tried often enough. This is the only place
 * of aac that retries. (p-retry wants failures thrown, pauses on the machine's clock and draws its own randomness; each
 * of these would have to be worked around here.)
 */
export async function retry<T>(
  call: () => Promise<Result<T, DriverError>>,
  { clock, random, signal, onRetry }: RetryOptions,
): Promise<Attempted<T>> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await call();
    if (result.ok || result.error.retry === 'terminal' || attempt >= retryPolicy.attempts || signal.aborted) {
      return { result, attempts: attempt };
    }
    const delay = backoff(attempt, random());
    onRetry(attempt, delay, result.error);
    await clock.sleep(delay, signal).catch(() => undefined);
    if (signal.aborted) return { result, attempts: attempt };
  }
}

/** Milliseconds to pause after the `attempt`-th failure; `random` from 0 to 1 spreads them by the policy's jitter. */
export function backoff(attempt: number, random: number): number {
  const { base, factor, cap, jitter } = retryPolicy;
  const plain = Math.min(cap, base * factor ** (attempt - 1));
  return Math.round(plain * (1 + jitter * (2 * random - 1)));
}
