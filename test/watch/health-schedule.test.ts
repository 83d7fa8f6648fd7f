import { expect, test } from 'vitest';
import type { ProbeResult } from '../../src/drivers/driver.ts';
import type { HealthCheck } from '../../src/model/spec.ts';
import { afterCheckOf, beginHealth, type HealthSchedule } from '../../src/watch/health-schedule.ts';

const birth = Date.UTC(2026, 0, 1);
const life = new Date(birth).toISOString();
const check: HealthCheck = {
  type: 'tcp',
  port: 80,
  interval: 30_000,
  startInterval: 1_000,
  timeout: 10_000,
  retries: 3,
  startPeriod: 5_000,
  successThreshold: 1,
  onUnhealthy: 'restart',
};
const success: ProbeResult = { status: 'success' };
const failure: ProbeResult = { status: 'failure', message: 'nothing listens' };

/** Each result at the moment it was due. */
function run(results: readonly ProbeResult[], begun = beginHealth(check, life, 'none', birth)): HealthSchedule {
  return results.reduce((schedule, result) => afterCheckOf(schedule, check, result, schedule.nextAt), begun);
}

test('while it starts it is asked at the start interval, and once healthy at the interval', () => {
  expect(run([failure])).toMatchObject({ nextAt: birth + 1_000, probing: { status: 'starting' } });
  expect(run([failure, success])).toMatchObject({ nextAt: birth + 31_000, probing: { status: 'healthy' } });
});

test('it is unhealthy after so many failures in a row, none of which counts in the start period', () => {
  expect(run([success, failure, failure]).probing.status).toBe('healthy');
  expect(run([success, failure, failure, success, failure, failure]).probing.status).toBe('healthy');
  expect(run([success, failure, failure, failure]).probing).toMatchObject({
    status: 'unhealthy',
    message: 'nothing listens',
  });
  expect(run(Array<ProbeResult>(7).fill(failure)).probing.status).toBe('starting');
  expect(run(Array<ProbeResult>(8).fill(failure)).probing.status).toBe('unhealthy');
});

test('what an earlier supervisor found of this life stands until checks say otherwise', () => {
  const found = beginHealth(check, life, 'unhealthy', birth + 60_000);
  expect(found).toMatchObject({ nextAt: birth + 60_000, probing: { status: 'unhealthy' } });
  expect(run([success], found).probing.status).toBe('healthy');
});

test('a check that could not run changes nothing but the time of the next', () => {
  expect(run([success, { status: 'error', message: 'cut off' }])).toMatchObject({
    nextAt: birth + 60_000,
    probing: { status: 'healthy', failures: 0 },
  });
});
