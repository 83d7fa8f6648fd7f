import { describe, expect, it } from 'vitest';
import { backoff, retry, retryPolicy } from '../../src/apply/retry.ts';
import type { DriverError } from '../../src/model/outcome.ts';
import { err, ok, type Result } from '../../src/util/result.ts';
import { FakeClock } from './fake-clock.ts';

const transient: DriverError = { code: 'exhausted', retry: 'transient', message: 'no room' };
const terminal: DriverError = { code: 'invalid', retry: 'terminal', message: 'no such thing' };

/** Retries a call that answers in turn with what is given; gives the end and the pauses on the way. */
async function run(
  answers: readonly Result<string, DriverError>[],
  signal = new AbortController().signal,
  random = 0.5,
) {
  const left = [...answers];
  const pauses: number[] = [];
  const attempted = await retry(async () => left.shift() ?? err(transient), {
    clock: new FakeClock({ automatic: true }),
    random: () => random,
    signal,
    onRetry: (_, delay) => pauses.push(delay),
  });
  return { ...attempted, pauses };
}

describe('a retry', () => {
  it('goes on until a call succeeds', async () => {
    expect(await run([err(transient), err(transient), ok('done')])).toEqual({
      result: ok('done'),
      attempts: 3,
      pauses: [200, 400],
    });
  });

  it('does not try again what cannot succeed', async () => {
    expect(await run([err(terminal)])).toEqual({ result: err(terminal), attempts: 1, pauses: [] });
  });

  it('gives up after five attempts', async () => {
    expect(await run([])).toEqual({ result: err(transient), attempts: 5, pauses: [200, 400, 800, 1_600] });
  });

  it('ends when it is aborted', async () => {
    expect(await run([], AbortSignal.abort())).toEqual({ result: err(transient), attempts: 1, pauses: [] });
  });

  it('spreads its pauses by a fifth to both sides and caps them', () => {
    expect([backoff(1, 0), backoff(1, 1), backoff(20, 0.5)]).toEqual([160, 240, retryPolicy.cap]);
  });
});
