import { describe, expect, it } from 'vitest';
import { createMemoryDriver, type MemoryDriver } from '../../src/drivers/memory/memory-driver.ts';
import { MemoryWorld, type Program } from '../../src/drivers/memory/memory-world.ts';
import type { Wait } from '../../src/model/plan.ts';
import type { Agent } from '../../src/model/agent.ts';
import type { HealthCheck } from '../../src/model/spec.ts';
import { FakeClock } from './fake-clock.ts';
import { applyNodes, bringUp, createAgent, image } from './plans.ts';

const check: HealthCheck = {
  type: 'tcp',
  port: 8080,
  interval: 30_000,
  startInterval: 1_000,
  timeout: 10_000,
  retries: 3,
  startPeriod: 5_000,
  successThreshold: 1,
  onUnhealthy: 'restart',
};

interface Given {
  readonly program?: Partial<Program>;
  readonly agent?: Partial<Agent>;
  readonly wait?: Partial<Wait>;
  /** What happens to the agent so many milliseconds after the apply has begun. */
  readonly later?: readonly (readonly [number, (world: MemoryWorld, name: string) => void])[];
  readonly driver?: (driver: MemoryDriver) => MemoryDriver;
}

/** Brings one agent up and tells how the wait for it went. */
async function waitFor({ program = {}, agent = {}, wait = {}, later = [], driver: adapt = (driver) => driver }: Given) {
  const clock = new FakeClock();
  const world = new MemoryWorld({
    images: { [image]: 'sha256:1' },
    program: () => ({ prints: ['starting', 'up'], onStop: 143, ...program }),
  });
  const create = createAgent('a', { restartPolicy: { name: 'always', maxRetries: 0 }, ...agent });
  const applied = applyNodes(bringUp(create, [], wait), adapt(createMemoryDriver({ world })), { clock });
  let done = false;
  void applied.finally(() => (done = true));
  let now = 0;
  for (const [at, happen] of later) {
    await clock.advance(at - now);
    now = at;
    happen(world, create.target.name);
  }
  for (let seconds = 0; !done && seconds < 700; seconds += 1) await clock.advance(1_000);
  const outcome = (await applied).report.nodes[2]?.outcome;
  return { outcome, name: create.target.name };
}

describe('waiting for an agent without a check', () => {
  it('is over once it was seen running twice, half a second apart', async () => {
    expect((await waitFor({})).outcome).toMatchObject({ status: 'succeeded', elapsed: 500 });
  });

  it('lasts as long as it has to stay up', async () => {
    expect((await waitFor({ wait: { minReady: 10_000 } })).outcome).toMatchObject({
      status: 'succeeded',
      elapsed: 10_500,
    });
  });

  it('begins anew when it is restarted', async () => {
    const { outcome } = await waitFor({ later: [[200, (world, name) => world.restart(name)]] });
    expect(outcome).toMatchObject({ status: 'succeeded', elapsed: 1_000 });
  });

  it('fails at the fifth restart', async () => {
    const restarts = Array.from({ length: 5 }, (_, index) => [100 + index * 300, restart] as const);
    const { outcome, name } = await waitFor({ wait: { minReady: 60_000 }, later: restarts });
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'not-ready', message: expect.stringContaining(`\`${name}\` keeps crashing`) as string },
    });
  });

  it('fails when it is over for good, with its exit code and the end of its log', async () => {
    const { outcome, name } = await waitFor({
      program: { exitCode: 3 },
      agent: { restartPolicy: { name: 'never', maxRetries: 0 } },
    });
    expect(outcome).toMatchObject({
      status: 'failed',
      elapsed: 0,
      error: {
        code: 'not-ready',
        retry: 'terminal',
        message: `\`${name}\` exited with code 3`,
        details: ['starting', 'up'],
      },
    });
  });

  it('is over when a one-shot has ended well', async () => {
    const { outcome } = await waitFor({
      program: { exitCode: 0 },
      agent: { restartPolicy: { name: 'never', maxRetries: 0 } },
    });
    expect(outcome).toMatchObject({ status: 'succeeded', elapsed: 0 });
  });

  it('fails when nothing restarts what should be restarted', async () => {
    const { outcome } = await waitFor({
      wait: { minReady: 60_000 },
      later: [[1_000, (world, name) => world.stop(name, 1)]],
    });
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('exited with code 1') as string },
    });
  });

  it('fails when it is gone', async () => {
    const { outcome, name } = await waitFor({
      wait: { minReady: 60_000 },
      later: [[1_000, (world, n) => world.remove(n)]],
    });
    expect(outcome).toMatchObject({ status: 'failed', error: { message: `\`${name}\` is gone` } });
  });

  it('fails at the deadline, saying what was missing', async () => {
    const { outcome, name } = await waitFor({ wait: { minReady: 600_000, deadline: 30_000 } });
    expect(outcome).toMatchObject({
      status: 'failed',
      elapsed: 30_000,
      error: { code: 'not-ready', message: `\`${name}\` was not ready within 30 s: it has to stay up for a while` },
    });
  });
});

describe('waiting for an agent with a check', () => {
  it('is over at the first success', async () => {
    expect((await waitFor({ wait: { check } })).outcome).toMatchObject({ status: 'succeeded', elapsed: 0 });
  });

  it('excuses failures during the start period', async () => {
    const { outcome } = await waitFor({
      wait: { check },
      later: [
        [0, (world, name) => world.ail(name, 'connection refused')],
        [4_500, (world, name) => world.ail(name)],
      ],
      driver: ailingAtFirst,
    });
    expect(outcome).toMatchObject({ status: 'succeeded', elapsed: 5_000 });
  });

  it('fails once it is unhealthy, with what the check said', async () => {
    const { outcome, name } = await waitFor({ wait: { check, deadline: 600_000 }, driver: ailingAtFirst });
    expect(outcome).toMatchObject({
      status: 'failed',
      elapsed: 7_000, // the third failure that counts, after the start period
      error: { code: 'not-ready', message: `\`${name}\` is unhealthy: connection refused` },
    });
  });

  it('takes a check without an answer for a failure', async () => {
    const { outcome } = await waitFor({
      wait: { check: { ...check, startPeriod: 0, retries: 1 } },
      driver: (driver) => ({ ...driver, probe: () => new Promise(() => undefined) }),
    });
    expect(outcome).toMatchObject({
      elapsed: 10_000,
      error: { message: expect.stringContaining('no answer within 10 s') as string },
    });
  });

  it('counts a check that cannot run neither way', async () => {
    const { outcome } = await waitFor({
      wait: { check: { ...check, startPeriod: 0, retries: 1 }, deadline: 20_000 },
      driver: (driver) => ({ ...driver, probe: async () => Promise.reject(new Error('no exec')) }),
    });
    expect(outcome).toMatchObject({
      status: 'failed',
      elapsed: 20_000,
      error: { message: expect.stringContaining('the health check could not run: no exec') as string },
    });
  });
});

describe('waiting for an agent to complete', () => {
  const never = { restartPolicy: { name: 'never', maxRetries: 0 } } as const;

  it('is over when it exits with 0', async () => {
    const { outcome } = await waitFor({
      agent: never,
      wait: { until: 'completed' },
      later: [[3_000, (world, name) => world.stop(name, 0)]],
    });
    expect(outcome).toMatchObject({ status: 'succeeded' });
  });

  it('fails when it exits otherwise', async () => {
    const { outcome } = await waitFor({
      agent: never,
      wait: { until: 'completed' },
      later: [[3_000, (world, name) => world.stop(name, 2)]],
    });
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('exited with code 2') as string },
    });
  });

  it('goes on while there are retries left', async () => {
    const { outcome } = await waitFor({
      agent: { restartPolicy: { name: 'on-failure', maxRetries: 3 } },
      wait: { until: 'completed' },
      later: [
        [1_000, (world, name) => world.stop(name, 2)],
        [2_000, restart],
        [3_000, (world, name) => world.stop(name, 0)],
      ],
    });
    expect(outcome).toMatchObject({ status: 'succeeded' });
  });
});

function restart(world: MemoryWorld, name: string): void {
  world.restart(name);
}

/** Health checks fail from the start, until the world is told otherwise. */
function ailingAtFirst(driver: MemoryDriver): MemoryDriver {
  return {
    ...driver,
    execute: async (call, context) => {
      const result = await driver.execute(call, context);
      if (call.verb === 'create') driver.world.ail(call.target.name, 'connection refused');
      return result;
    },
  };
}
