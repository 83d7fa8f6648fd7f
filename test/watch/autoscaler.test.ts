import { expect, test } from 'vitest';
import { createMemoryDriver } from '../../src/drivers/memory/memory-driver.ts';
import type { Agent } from '../../src/model/agent.ts';
import type { ObservedResource } from '../../src/model/observed.ts';
import type { Change } from '../../src/model/plan.ts';
import type { Scaling } from '../../src/model/scaling.ts';
import { plan } from '../../src/plan/plan.ts';
import { err, ok } from '../../src/util/result.ts';
import { createAutoscaler } from '../../src/watch/autoscale/autoscaler.ts';
import type { Companion } from '../../src/watch/companion.ts';
import type { WatchEvent } from '../../src/watch/watch-event.ts';
import { FakeClock } from '../apply/fake-clock.ts';
import { agentOf } from '../contract/calls.ts';
import { agent, desire, observe, standing } from '../support/planning.ts';

const interval = 15_000;
const autoscaling = { min: 1, max: 5, targetCpuPercent: 70, scaleUpDelay: 0, scaleDownDelay: 60_000 };

/** Agent `web`, whose replicas each use `load` of the 100m they ask for, watched with the clock held. */
class Stage {
  readonly clock = new FakeClock();
  readonly said: string[] = [];
  readonly events: WatchEvent[] = [];
  readonly memory: Map<string, Scaling>;
  declared: readonly Agent[] | undefined = [this.web()];
  standing: readonly ObservedResource[];
  /** Percent of the request; absent: the driver has no answer. */
  load: number | undefined = 70;
  changes: readonly Change[] = [];
  listed = 0;
  left: string | undefined;
  readonly #stop = new AbortController();
  readonly #template = agent('web', {
    driver: 'memory',
    image: null,
    replicas: { type: 'autoscaled', initial: 2, min: 1, max: 5 },
  });
  readonly #usage = new Map<string, { at: number; cpu: number }>();
  #companion: Companion | undefined;
  #running: Promise<void> | undefined;
  #isDue = false;

  constructor(count = 2, memory = new Map<string, Scaling>()) {
    this.memory = memory;
    this.standing = Array.from({ length: count }, (_, index) => this.#replica(index));
  }

  web(parts: Partial<typeof autoscaling> = {}, requests: Agent['resources']['requests'] = { cpu: 1e8 }): Agent {
    return agentOf('memory', 'web', {
      resources: { limits: {}, requests },
      replicas: { count: 2, autoscaling: { ...autoscaling, ...parts } },
    });
  }

  async begin(): Promise<void> {
    const driver = { ...createMemoryDriver(), stats: async (ref: string) => this.#read(ref) };
    this.#companion = createAutoscaler({
      declared: () => this.declared,
      supervised: () => [],
      list: async () => {
        this.listed++;
        return { agents: this.standing, diagnostics: [] };
      },
      left: async () => () => this.left,
      drivers: { names: ['memory'], open: async () => driver, [Symbol.asyncDispose]: async () => undefined },
      memory: {
        read: async () => new Map(this.memory),
        write: async (name, scaling) => void this.memory.set(name, scaling),
        forget: async (name) => void this.memory.delete(name),
      },
      clock: this.clock,
      interval,
      say: (line) => void this.said.push(line),
      emit: (event) => void this.events.push(event),
    });
    this.#companion.trigger?.(() => (this.#isDue = true), this.#stop.signal);
    this.#running = this.#companion.run?.(this.#stop.signal);
    await this.clock.advance(0);
    this.sync();
  }

  /** Looks so often, each look followed by the run of the sync loop that it asked for. */
  async looks(count: number): Promise<number> {
    for (let look = 0; look < count; look++) {
      await this.clock.advance(interval);
      if (this.#isDue) this.sync();
    }
    return this.standing.length;
  }

  /** A run of the sync loop. */
  sync(): void {
    this.#isDue = false;
    this.hear({ type: 'run-started', run: '', reasons: [] });
    const { scale } = this.#companion?.request?.() ?? {};
    const made = plan(desire([this.#template]), observe(this.standing), scale ? { scale } : {});
    this.changes = made.changes.filter(({ action }) => action !== 'no-op');
    const gone = new Set(this.changes.filter(({ action }) => action === 'delete').map(({ address }) => address));
    const created = this.changes.filter(({ action }) => action === 'create');
    this.standing = [
      ...this.standing.filter(({ address }) => !gone.has(address)),
      ...created.map(({ address }) => this.#replica(Number(address.split('/')[2]))),
    ];
    this.hear({ type: 'reconciled', run: '', elapsed: 0, changed: {}, pending: 0 });
  }

  hear(event: WatchEvent): void {
    this.#companion?.heard?.(event);
  }

  get addresses(): readonly string[] {
    return this.standing.map(({ address }) => address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #replica(index: number): ObservedResource {
    const startedAt = new Date(this.clock.now()).toISOString();
    return { ...standing(this.#template, { index }), startedAt };
  }

  #read(ref: string) {
    if (this.load === undefined) {
      return err({ code: 'internal', retry: 'transient', message: 'the counters are gone' } as const);
    }
    const at = this.clock.now();
    const before = this.#usage.get(ref) ?? { at, cpu: 0 };
    const cpu = before.cpu + (at - before.at) * this.load * 1_000; // 1 % of 100m is a thousand nanoseconds each millisecond
    this.#usage.set(ref, { at, cpu });
    return ok({ at, cpu, memory: 0, pids: 1 });
  }
}

test('load above the target brings more replicas, and the plan says why', async () => {
  await using stage = new Stage();
  await stage.begin();
  expect(await stage.looks(2)).toBe(2);
  stage.load = 140;
  expect(await stage.looks(2)).toBe(4);
  const because = 'cpu 140 % of 70 %';
  expect(stage.changes).toMatchObject([
    { address: 'agent/web/2', action: 'create', cause: { type: 'scaled', from: 2, to: 4, because } },
    { address: 'agent/web/3', action: 'create', cause: { type: 'scaled', from: 2, to: 4, because } },
  ]);
  expect(stage.events).toEqual([{ type: 'scaled', agent: 'web', from: 2, to: 4, because }]);
});

test('when the load is gone the newest go, no sooner than the delay says', async () => {
  await using stage = new Stage();
  await stage.begin();
  stage.load = 140;
  expect(await stage.looks(2)).toBe(4);
  stage.load = 20;
  expect(await stage.looks(3)).toBe(4);
  expect(await stage.looks(1)).toBe(2); // a minute after it was asked for four
  expect(stage.addresses).toEqual(['agent/web/0', 'agent/web/1']);
  expect(stage.changes.map(({ action, cause }) => [action, cause.type])).toEqual([
    ['delete', 'scaled'],
    ['delete', 'scaled'],
  ]);
});

test('one that somebody removed is made again, however little load there is', async () => {
  await using stage = new Stage(3);
  await stage.begin();
  stage.load = 10;
  await stage.looks(1);
  stage.standing = stage.standing.slice(0, 2);
  stage.sync();
  expect(stage.addresses).toEqual(['agent/web/0', 'agent/web/1', 'agent/web/2']);
});

test('a stopped replica counts as not measured, never as idle', async () => {
  await using stage = new Stage(4);
  stage.declared = [stage.web({ scaleDownDelay: 0 })];
  stage.load = 30;
  stage.standing = stage.standing.map((each, index) => (index === 3 ? { ...each, phase: 'exited' } : each));
  await stage.begin();
  expect(await stage.looks(1)).toBe(3); // (3 × 30 + 100) / 4 = 47 % of 70 %
});

test('a watch that begins anew takes nothing away at once, and forgets no load that it had seen', async () => {
  const memory = new Map<string, Scaling>();
  {
    await using stage = new Stage(3, memory);
    await stage.begin();
    await stage.looks(3);
  }
  expect(memory.get('web')).toMatchObject({ replicas: 3, because: 'cpu 70 % of 70 %' });
  await using next = new Stage(3, memory);
  await next.begin();
  next.load = 0;
  expect(await next.looks(4)).toBe(3);
  expect(await next.looks(2)).toBe(1);
});

test('a missing request is said once, and nothing is scaled', async () => {
  await using stage = new Stage();
  stage.declared = [stage.web({}, {})];
  stage.load = 500;
  await stage.begin();
  expect(await stage.looks(5)).toBe(2);
  expect(stage.said).toEqual(['web is not scaled: `resources.requests.cpu` is missing']);
});

test('a driver that cannot tell is said once, and more is said of what comes next', async () => {
  await using stage = new Stage();
  await stage.begin();
  stage.load = undefined;
  expect(await stage.looks(4)).toBe(2);
  expect(stage.said).toEqual(['web is not scaled: the counters are gone']);
});

test('nothing is decided while a run goes on', async () => {
  await using stage = new Stage();
  await stage.begin();
  stage.load = 500;
  stage.hear({ type: 'run-started', run: '', reasons: [] });
  expect(await stage.looks(4)).toBe(2);
  stage.hear({ type: 'failed', run: '', elapsed: 0, message: '', agents: [] });
  expect(await stage.looks(1)).toBe(5);
});

test('what is suspended is not scaled, which is said once, and goes on from what stands when that is over', async () => {
  await using stage = new Stage();
  await stage.begin();
  stage.left = 'suspended';
  stage.load = 500;
  expect(await stage.looks(4)).toBe(2);
  expect(stage.events).toEqual([]);
  expect(stage.said).toEqual(['web is not scaled: suspended']);
  stage.left = undefined;
  stage.load = 105;
  expect(await stage.looks(2)).toBe(3);
});

test('without an autoscaled agent nobody is asked, and what was remembered is forgotten', async () => {
  await using stage = new Stage();
  await stage.begin();
  await stage.looks(2);
  stage.declared = undefined; // nothing could be read
  await stage.looks(2);
  expect(stage.memory.size).toBe(1);
  stage.declared = [agentOf('memory', 'web')];
  const { listed } = stage;
  await stage.looks(4);
  expect(stage.listed).toBe(listed);
  expect(stage.memory.size).toBe(0);
});
