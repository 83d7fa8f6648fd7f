import { expect, test } from 'vitest';
import type { ProbeResult } from '../../src/drivers/driver.ts';
import type { ObservedResource } from '../../src/model/observed.ts';
import { toJson, type HealthCheck } from '../../src/model/spec.ts';
import type { Supervision } from '../../src/model/supervision.ts';
import type { RestartOutcome } from '../../src/watch/restart.ts';
import { createSupervisor, type Supervisor } from '../../src/watch/supervisor.ts';
import { FakeClock } from '../apply/fake-clock.ts';
import { agent, standing } from '../support/planning.ts';

const check: HealthCheck = {
  type: 'tcp',
  port: 80,
  interval: 10_000,
  startInterval: 1_000,
  timeout: 1_000,
  retries: 2,
  startPeriod: 0,
  successThreshold: 1,
  onUnhealthy: 'restart',
};

/** A world of one agent, and a supervisor of it with the clock held. */
class Stage {
  readonly clock = new FakeClock();
  readonly said: string[] = [];
  readonly memory = new Map<string, Supervision>();
  readonly #stop = new AbortController();
  agent: ObservedResource;
  health: ProbeResult = { status: 'success' };
  isBusy = false;
  complete = true;
  restarts = 0;
  outcome: RestartOutcome = { type: 'restarted' };
  #running: Promise<void> | undefined;
  #supervisor: Supervisor | undefined;

  readonly #restartsEnded: boolean;

  constructor(restartsEnded: boolean) {
    this.#restartsEnded = restartsEnded;
    const web = standing(agent('web'));
    const lastApplied = {
      ...web.record.lastApplied,
      restartPolicy: { name: 'always', maxRetries: 0 },
      healthCheck: toJson(check as never),
    };
    this.agent = { ...web, phase: 'running', startedAt: this.#now(), record: { ...web.record, lastApplied } };
  }

  async begin(): Promise<void> {
    this.#supervisor = createSupervisor({
      observe: async () => ({ agents: this.complete ? [this.agent] : [], complete: this.complete }),
      restart: async (_agent, _supervision, begin) => {
        await begin();
        if (this.outcome.type === 'restarted') {
          this.restarts++;
          const { exitCode: _, ...rest } = this.agent;
          this.agent = { ...rest, phase: 'running', startedAt: this.#now() };
        }
        return this.outcome;
      },
      probe: async () => this.health,
      restartsEnded: () => this.#restartsEnded,
      isBusy: () => this.isBusy,
      memory: {
        read: async () => new Map(this.memory),
        write: async (name, supervision) => void this.memory.set(name, supervision),
        forget: async (name) => void this.memory.delete(name),
      },
      clock: this.clock,
      random: () => 0.5,
      say: (line) => void this.said.push(line),
    });
    this.#running = this.#supervisor.run(this.#stop.signal);
    await this.clock.advance(1);
  }

  async crash(): Promise<void> {
    this.agent = { ...this.agent, phase: 'exited', exitCode: 1 };
    this.#supervisor?.hint();
    await this.clock.advance(1);
  }

  get supervision(): Supervision | undefined {
    return this.memory.get(this.agent.name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #now(): string {
    return new Date(this.clock.now()).toISOString();
  }
}

test('what an engine restarts by itself is not restarted when it ends', async () => {
  await using stage = new Stage(false);
  await stage.begin();
  await stage.crash();
  await stage.clock.advance(120_000);
  expect(stage.restarts).toBe(0);
});

test('what an engine does not restart because it only is unhealthy is restarted', async () => {
  await using stage = new Stage(false);
  await stage.begin();
  await stage.clock.advance(2_000);
  expect(stage.supervision?.health).toBe('healthy');
  stage.health = { status: 'failure', message: 'nothing listens' };
  await stage.clock.advance(18_500);
  expect(stage.restarts).toBe(0);
  await stage.clock.advance(3_000);
  expect(stage.restarts).toBe(1);
  expect(stage.said).toContain('agent/web/0 unhealthy: nothing listens; it is restarted in 1.0 s');
});

test('a restart waits while a sync run changes the same object', async () => {
  await using stage = new Stage(true);
  await stage.begin();
  stage.isBusy = true;
  await stage.crash();
  await stage.clock.advance(5_000);
  expect(stage.restarts).toBe(0);
  stage.isBusy = false;
  await stage.clock.advance(500);
  expect(stage.restarts).toBe(1);
  expect(stage.supervision).toMatchObject({ restarts: 1, state: { type: 'running' } });
});

test('a start that is refused is tried again with the same backoff', async () => {
  await using stage = new Stage(true);
  await stage.begin();
  stage.outcome = { type: 'refused', message: 'command not found', counts: true };
  await stage.crash();
  await stage.clock.advance(1_100);
  expect(stage.supervision).toMatchObject({ restarts: 0, streak: 2, state: { type: 'waiting' } });
  stage.outcome = { type: 'restarted' };
  await stage.clock.advance(2_100);
  expect(stage.supervision).toMatchObject({ restarts: 1, state: { type: 'running' } });
});

test('nothing is forgotten because an engine could not be asked', async () => {
  await using stage = new Stage(true);
  await stage.begin();
  await stage.crash();
  const before = stage.supervision;
  stage.complete = false;
  await stage.crash(); // a look that finds nothing
  expect(stage.supervision).toBe(before);
});
