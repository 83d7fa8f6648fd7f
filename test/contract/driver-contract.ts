import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Agent } from '../../src/model/agent.ts';
import { fieldPath } from '../../src/model/field-path.ts';
import type { ObservedResource } from '../../src/model/observed.ts';
import { matchesFingerprint } from '../../src/model/reference.ts';
import type { HealthCheck } from '../../src/model/spec.ts';
import type { Call } from '../../src/model/plan.ts';
import { callOn } from './calls.ts';
import { eventually, never, Stage, type Ground } from './stage.ts';

/** What an agent of a contract test does: it prints its lines, and then exits or runs until it is stopped. */
export interface Behaviour {
  readonly prints?: readonly string[];
  readonly exits?: number;
  /** What it exits with on SIGTERM; `ignores`: it takes no notice. */
  readonly onStop?: number | 'ignores';
}

/** What a driver's contract test has to know of it. */
export interface DriverHarness {
  open(): Promise<Ground>;
  /** The fields of an agent that has it behave so. */
  agent(behaviour: Behaviour): Partial<Agent>;
  /** Fields to round-trip: everything that the driver honours and a test can have. */
  readonly sample: Partial<Agent>;
  /** What an agent needs besides so that it can be led to by name; absent: nothing. */
  readonly named?: Partial<Agent>;
  /** A command for health checks that ends with the given code. */
  checkCommand(exitCode: 0 | 1): readonly string[];
  /** Has a check with that outcome where commands are not really run. */
  setHealth?(ground: Ground, seen: ObservedResource, exitCode: 0 | 1): void;
  /** Changes what an environment variable holds behind the driver's back; absent where that cannot be done. */
  changeValue?(ground: Ground, seen: ObservedResource, name: string, value: string): Promise<void>;
}

/**
 * The promises that everything above the drivers builds on, tested the same way for every driver. Called within a
 * `describe` of its own or none.
 */
export function describeDriverContract(name: string, harness: DriverHarness): void {
  describe(`the ${name} driver`, () => {
    let ground: Ground;
    let stage: Stage;

    beforeEach(async () => {
      ground = await harness.open();
      stage = new Stage(ground);
    });
    afterEach(async () => {
      await stage[Symbol.asyncDispose]();
    });

    const runs = () => harness.agent({});

    describe('observing', () => {
      it('sees nothing in a workspace that has nothing', async () => {
        const create = await stage.elsewhere().prepare(runs());
        expect(await stage.driver.present(stage.workspace, never())).toBe(false);
        expect((await stage.observe()).resources).toEqual([]);
        expect(await stage.inspect(create)).toBeUndefined();
      });

      it('gives back what was compiled once it is created, and still once it runs', async () => {
        const create = await stage.prepare({ ...runs(), ...harness.sample });
        await stage.must(create);
        const made = await stage.see(create);
        expect(made.live).toEqual(create.spec);
        expect(made.phase).toBe('created');
        await stage.must(callOn(create, { verb: 'start' }));
        const running = await stage.until(create, (seen) => seen.phase === 'running');
        expect(running.live).toEqual(create.spec);
      });

      it('gives back the record that was written', async () => {
        const { create, seen } = await stage.run({ ...runs(), labels: { team: 'desk' } });
        const { fingerprints: _, directory: __, ...record } = seen.record;
        expect(record).toEqual({
          workspace: stage.workspace,
          address: create.address,
          specHash: create.specHash,
          generation: create.target.generation,
          lastApplied: create.spec,
          dependsOn: create.dependsOn,
          protect: create.protect,
          manifest: create.manifest,
          origin: 'manifest',
        });
        expect(seen).toMatchObject({
          address: create.address,
          driver: stage.driver.name,
          kind: 'agent',
          name: create.target.name,
        });
      });

      it('gives back the networks and volumes that agents stand on', async () => {
        const create = await stage.prepare({ ...runs(), ...harness.sample });
        const { resources } = await stage.observe();
        expect(resources.map((resource) => resource.address).sort()).toEqual([...create.dependsOn].sort());
        for (const resource of resources) {
          expect(resource.live).toEqual(resource.record.lastApplied);
          expect(resource.phase).toBe('exists');
        }
      });

      it('finds an object by its id and by its name, and nothing by another', async () => {
        const { create, seen } = await stage.run(runs());
        expect((await stage.inspect(create, seen.ref))?.name).toBe(create.target.name);
        expect((await stage.inspect(create, create.target.name))?.ref).toBe(seen.ref);
        expect(await stage.inspect(create, `${create.target.name}-other`)).toBeUndefined();
        expect(await stage.driver.present(stage.workspace, never())).toBe(true);
      });

      it('sees an object the same way whether it looks at one or at all', async () => {
        const { create, seen } = await stage.run({ ...runs(), ...harness.sample });
        const all = await stage.observe();
        expect(all.resources.find((resource) => resource.address === create.address)).toEqual(await stage.see(create));
        expect(seen.ref).not.toBe('');
      });

      it('tells an exit code', async () => {
        const { create } = await stage.run(harness.agent({ exits: 3 }));
        const ended = await stage.until(create, (seen) => seen.phase === 'exited');
        expect(ended.exitCode).toBe(3);
      });
    });

    describe('repeating a call', () => {
      it('creates nothing where the same object stands', async () => {
        const { create, seen } = await stage.run(runs());
        const again = await stage.must(create);
        expect(again.ref).toBe(seen.ref);
        expect(await stage.see(create)).toEqual(await stage.until(create, (now) => now.phase === 'running'));
        expect((await stage.observe()).resources.filter((resource) => resource.kind === 'agent')).toHaveLength(1);
      });

      it('does not start again what runs', async () => {
        const { create } = await stage.run(runs());
        const before = await stage.until(create, (seen) => seen.phase === 'running');
        await stage.must(callOn(create, { verb: 'start' }));
        expect((await stage.see(create)).startedAt).toBe(before.startedAt);
      });

      it('starts once more what has exited', async () => {
        const { create } = await stage.run(harness.agent({ prints: ['hello'], exits: 0 }));
        await stage.until(create, (seen) => seen.phase === 'exited');
        await stage.must(callOn(create, { verb: 'start' }));
        await stage.until(create, (seen) => seen.phase === 'exited');
        await eventually(
          () => stage.log(create),
          (lines) => lines.length === 2,
        );
      });

      it('stops what is stopped, and what was never started', async () => {
        const create = await stage.prepare(runs());
        await stage.must(create);
        await stage.must(callOn(create, { verb: 'stop', gracePeriod: 1_000 }));
        await stage.must(callOn(create, { verb: 'start' }));
        await stage.must(callOn(create, { verb: 'stop', gracePeriod: 1_000 }));
        await stage.must(callOn(create, { verb: 'stop', gracePeriod: 1_000 }));
        expect((await stage.see(create)).phase).toBe('exited');
      });

      it('stops and removes what is gone, by name and by id', async () => {
        const { create, seen } = await stage.run(runs());
        await stage.must(callOn(create, { verb: 'stop', gracePeriod: 1_000 }));
        for (const ref of [undefined, seen.ref]) {
          await stage.must(callOn(create, { verb: 'remove' }, ref));
          await stage.must(callOn(create, { verb: 'stop', gracePeriod: 1_000 }, ref));
        }
        expect(await stage.inspect(create)).toBeUndefined();
      });

      it('cannot start or update what is gone', async () => {
        const create = await stage.prepare(runs());
        for (const call of [callOn(create, { verb: 'start' }), callOn(create, { verb: 'update', fields: {} })]) {
          expect(await stage.execute(call)).toMatchObject({
            ok: false,
            error: { code: 'not-found', retry: 'terminal' },
          });
        }
      });
    });

    describe('leading names to an object', () => {
      // what runs on is led to by name; drivers that know no names observe none
      const named = async (name?: string) => {
        const create = await stage.prepare(
          { ...runs(), restartPolicy: { name: 'always', maxRetries: 0 }, ...harness.named },
          name,
        );
        await stage.must({ ...create, unrouted: true });
        await stage.must(callOn(create, { verb: 'start' }));
        const seen = await stage.until(create, ({ phase }) => phase === 'running');
        return seen.routed === undefined ? undefined : { create, seen };
      };

      it('is done, and undone, as often as it is asked for, and is no difference', async () => {
        const made = await named();
        if (!made) return;
        const { create, seen } = made;
        expect([seen.routed, seen.live]).toEqual([false, create.spec]);
        for (const verb of ['route', 'route', 'unroute', 'unroute', 'route'] as const) {
          const call: Call = callOn(create, { verb }, seen.ref);
          expect((await stage.must(call)).ref, verb).toBe(seen.ref);
          const now = await stage.see(create);
          expect([now.routed, now.live], verb).toEqual([verb === 'route', create.spec]);
          expect([now.phase, now.startedAt, now.restarts], verb).toEqual(['running', seen.startedAt, 0]);
        }
      });

      it('is there from the start where nothing is withheld', async () => {
        const { create, seen } = await stage.run(runs());
        expect([undefined, true]).toContain(seen.routed);
        expect(seen.live).toEqual(create.spec);
      });

      it('cannot be done to what is gone, which has lost them', async () => {
        const made = await named();
        if (!made) return;
        const { create } = made;
        await stage.must(callOn(create, { verb: 'stop', gracePeriod: 0 }));
        await stage.must(callOn(create, { verb: 'remove' }));
        await stage.must(callOn(create, { verb: 'unroute' }));
        expect(await stage.execute(callOn(create, { verb: 'route' }))).toMatchObject({
          ok: false,
          error: { code: 'not-found', retry: 'terminal' },
        });
      });
    });

    describe('acting on the wrong object', () => {
      it('leaves alone an object that has the name but not the id', async () => {
        const { create } = await stage.run(runs());
        const stranger = 'f'.repeat(64);
        const calls: readonly Call[] = [
          callOn(create, { verb: 'update', fields: { [fieldPath('restartPolicy', 'name')]: 'always' } }, stranger),
          callOn(create, { verb: 'stop', gracePeriod: 0 }, stranger),
          callOn(create, { verb: 'remove' }, stranger),
          callOn(create, { verb: 'start' }, stranger),
        ];
        const before = await stage.until(create, (seen) => seen.phase === 'running');
        for (const call of calls) {
          expect(await stage.execute(call), call.verb).toMatchObject({ ok: false, error: { code: 'moved' } });
        }
        expect(await stage.see(create)).toEqual(before);
      });

      it('neither sees nor touches what belongs to another workspace', async () => {
        const other = stage.elsewhere();
        const { create } = await other.run(runs());
        const theirs = await other.until(create, (seen) => seen.phase === 'running');
        expect((await stage.observe()).resources).toEqual([]);
        expect(await stage.driver.present(stage.workspace, never())).toBe(false);
        for (const ref of [undefined, theirs.ref]) {
          expect(await stage.inspect(create, ref)).toBeUndefined();
          await stage.execute(callOn(create, { verb: 'stop', gracePeriod: 0 }, ref));
          await stage.execute(callOn(create, { verb: 'remove' }, ref));
        }
        expect(await other.see(create)).toEqual(theirs);
      });

      it('does not take an object of another generation for the one to create', async () => {
        const { create } = await stage.run(runs());
        const next = { ...create, target: { ...create.target, generation: 2 } }; // under the same name
        expect(await stage.execute(next)).toMatchObject({ ok: false, error: { code: 'conflict' } });
      });
    });

    describe('values behind references', () => {
      const environment = { TOKEN: { from: 'secret', name: 'web', key: 'TOKEN' } } as const;
      const path = fieldPath('environment', 'TOKEN');
      const sentinel = 'sentinel-6f1d0c4e';

      it('are fingerprinted and never shown', async () => {
        const knowing = stage.knowing({ TOKEN: sentinel });
        const { create, seen } = await knowing.run({ ...runs(), environment });
        const recorded = seen.record.fingerprints[path];
        expect(recorded && matchesFingerprint(recorded, sentinel)).toBe(true);
        expect(seen.live).toEqual(create.spec);
        expect(JSON.stringify(await stage.observe())).not.toContain(sentinel);
      });

      it('stop an agent from being created where there are none', async () => {
        const create = await stage.prepare({ ...runs(), environment });
        expect(await stage.execute(create)).toMatchObject({ ok: false, error: { code: 'invalid', field: path } });
        expect(await stage.inspect(create)).toBeUndefined();
      });

      it.skipIf(!harness.changeValue)('read as drifted once they are others', async () => {
        const { create, seen } = await stage.knowing({ TOKEN: sentinel }).run({ ...runs(), environment });
        await harness.changeValue?.(ground, seen, 'TOKEN', 'another');
        const now = await stage.see(create);
        expect(now.live).toMatchObject({ environment: { TOKEN: { from: 'drifted' } } });
      });
    });

    describe('stopping', () => {
      it('lets an agent end in its own way', async () => {
        const { create } = await stage.run(harness.agent({ prints: ['up'], onStop: 7 }));
        await eventually(
          () => stage.log(create),
          (lines) => lines.includes('up'),
        );
        await stage.must(callOn(create, { verb: 'stop', gracePeriod: 20_000 }));
        expect(await stage.see(create)).toMatchObject({ phase: 'exited', exitCode: 7 });
      });

      it('kills an agent that takes no notice', async () => {
        const { create } = await stage.run(harness.agent({ prints: ['up'], onStop: 'ignores' }));
        await eventually(
          () => stage.log(create),
          (lines) => lines.includes('up'),
        );
        await stage.must(callOn(create, { verb: 'stop', gracePeriod: 1_000 }));
        expect(await stage.see(create)).toMatchObject({ phase: 'exited', exitCode: 137 });
      });
    });

    describe('updating', () => {
      it('changes fields in place and lets the agent run on', async () => {
        const { create } = await stage.run(runs());
        const before = await stage.until(create, (seen) => seen.phase === 'running');
        const fields = {
          [fieldPath('resources', 'limits', 'memory')]: 96 * 2 ** 20,
          [fieldPath('restartPolicy', 'name')]: 'on-failure',
          [fieldPath('restartPolicy', 'maxRetries')]: 2,
        };
        await stage.must(callOn(create, { verb: 'update', fields }, before.ref));
        const after = await stage.see(create);
        expect(after.live).toMatchObject({
          resources: { limits: { memory: 96 * 2 ** 20, cpu: null, pids: null } },
          restartPolicy: { name: 'on-failure', maxRetries: 2 },
        });
        expect(after).toMatchObject({ ref: before.ref, phase: 'running', startedAt: before.startedAt, restarts: 0 });
      });

      it('takes a limit away again', async () => {
        const { create } = await stage.run({
          ...runs(),
          resources: { limits: { memory: 96 * 2 ** 20 }, requests: {} },
        });
        await stage.must(
          callOn(create, { verb: 'update', fields: { [fieldPath('resources', 'limits', 'memory')]: null } }),
        );
        expect((await stage.see(create)).live).toMatchObject({ resources: { limits: { memory: null } } });
      });
    });

    describe('logs', () => {
      const lines = Array.from({ length: 200 }, (_, index) => `line ${String(index)}`);

      it('are complete and in order', async () => {
        const { create } = await stage.run(harness.agent({ prints: lines, exits: 0 }));
        await stage.until(create, (seen) => seen.phase === 'exited');
        expect(
          await eventually(
            () => stage.log(create),
            (seen) => seen.length >= lines.length,
          ),
        ).toEqual(lines);
        expect(await stage.log(create, { tail: 3 })).toEqual(lines.slice(-3));
        expect(await stage.log(create, { tail: 0 })).toEqual([]);
      });

      it('come in batches that hold the same', async () => {
        const { create, seen } = await stage.run(harness.agent({ prints: lines, exits: 0 }));
        await stage.until(create, ({ phase }) => phase === 'exited');
        await eventually(
          () => stage.log(create),
          ({ length }) => length >= lines.length,
        );
        const read: string[] = [];
        for await (const batch of stage.driver.logs(seen.ref, { follow: false, signal: never() }).batches()) {
          expect(batch.length).toBeGreaterThan(0);
          read.push(...batch.map(({ text }) => text));
        }
        expect(read).toEqual(lines);
      });

      it('are narrowed to a time, of which each line tells its own', async () => {
        const { create } = await stage.run(harness.agent({ prints: lines, exits: 0 }));
        await stage.until(create, (seen) => seen.phase === 'exited');
        const timed = await eventually(
          () => stage.lines(create, { timestamps: true }),
          (seen) => seen.length >= lines.length,
        );
        const times = timed.map(({ time }) => Date.parse(time ?? ''));
        const [first, last] = [Math.min(...times), Math.max(...times)];
        expect(first).toBeGreaterThan(0);
        expect(await stage.log(create, { since: first })).toEqual(lines);
        expect(await stage.log(create, { since: last + 1 })).toEqual([]);
        expect(await stage.log(create, { until: last + 1 })).toEqual(lines);
        expect(await stage.log(create, { until: first - 60_000 })).toEqual([]);
        expect(await stage.log(create, { since: first, until: last + 1, tail: 3 })).toEqual(lines.slice(-3));
      });

      it('are followed until nobody wants more', async () => {
        const { seen } = await stage.run(harness.agent({ prints: ['one', 'two'] }));
        const enough = new AbortController();
        const followed: string[] = [];
        for await (const line of stage.driver.logs(seen.ref, { follow: true, signal: enough.signal })) {
          followed.push(line.text);
          if (followed.length === 2) enough.abort();
        }
        expect(followed).toEqual(['one', 'two']);
      });
    });

    describe('health checks', () => {
      const timing = { interval: 1_000, startInterval: 100, timeout: 10_000, retries: 3, startPeriod: 0 };
      const rest = { successThreshold: 1, onUnhealthy: 'none' } as const;
      const check = (exitCode: 0 | 1): HealthCheck => ({
        ...timing,
        ...rest,
        type: 'command',
        command: harness.checkCommand(exitCode),
      });

      it.each([
        { how: 'well', exitCode: 0, status: 'success' },
        { how: 'badly', exitCode: 1, status: 'failure' },
      ] as const)('that end $how are a $status', async ({ exitCode, status }) => {
        const { create } = await stage.run(runs());
        const seen = await stage.until(create, (now) => now.phase === 'running');
        harness.setHealth?.(ground, seen, exitCode);
        expect(await stage.driver.probe(seen.ref, check(exitCode), never())).toMatchObject({ status });
      });
    });

    describe('what an agent uses', () => {
      const limited = { resources: { limits: { memory: 64 * 2 ** 20 }, requests: {} } };

      it('is read as counters that only grow, and what it may use', async () => {
        const { create } = await stage.run({ ...runs(), ...limited });
        const { ref } = await stage.until(create, (seen) => seen.phase === 'running');
        const first = await stage.usage(ref);
        const second = await stage.usage(ref);
        expect(second.at).toBeGreaterThanOrEqual(first.at);
        expect(second.cpu).toBeGreaterThanOrEqual(first.cpu);
        expect(second.memory).toBeGreaterThan(0);
        expect(second.memory).toBeLessThan(64 * 2 ** 20);
        expect(second.memoryLimit).toBe(64 * 2 ** 20);
        expect(second.pids).toBeGreaterThanOrEqual(1);
      });

      it('is not told of one that has stopped, nor of one that is gone', async () => {
        const { create, seen } = await stage.run(runs());
        await stage.must(callOn(create, { verb: 'stop', gracePeriod: 0 }));
        expect(await stage.driver.stats?.(seen.ref, never())).toMatchObject({ error: { code: 'not-ready' } });
        await stage.must(callOn(create, { verb: 'remove' }));
        expect(await stage.driver.stats?.(seen.ref, never())).toMatchObject({ error: { code: 'not-found' } });
      });
    });

    describe('events', () => {
      it('tell of starts, ends and removals, about the object they befell', async () => {
        const { create, seen } = await stage.run(runs());
        const over = new AbortController();
        const told: string[] = [];
        const following = (async () => {
          const events = stage.driver.events?.(stage.workspace, { signal: over.signal }) ?? [];
          for await (const event of events) if ('ref' in event && event.ref === seen.ref) told.push(event.type);
        })();
        await eventually(
          async () => {
            await stage.must(callOn(create, { verb: 'stop', gracePeriod: 0 }));
            await stage.must(callOn(create, { verb: 'start' }));
            return told;
          },
          () => told.includes('ended') && told.includes('started'), // from when on it is told is not known
        );
        await stage.must(callOn(create, { verb: 'stop', gracePeriod: 0 }));
        await stage.must(callOn(create, { verb: 'remove' }));
        await eventually(
          async () => told,
          (types) => types.at(-1) === 'removed',
        );
        over.abort();
        await following;
      });
    });

    describe('an aborted signal', () => {
      it('keeps a call from being begun', async () => {
        const create = await stage.prepare(runs());
        expect(await stage.execute(create, AbortSignal.abort())).toMatchObject({
          ok: false,
          error: { code: 'aborted' },
        });
        expect(await stage.inspect(create)).toBeUndefined();
      });

      it('ends a call that is under way', async () => {
        const { create } = await stage.run(harness.agent({ prints: ['up'], onStop: 'ignores' }));
        await eventually(
          () => stage.log(create),
          (lines) => lines.includes('up'),
        );
        const cut = new AbortController();
        const stopping = stage.execute(callOn(create, { verb: 'stop', gracePeriod: 600_000 }), cut.signal);
        await stage.see(create); // it has had the time to begin
        cut.abort();
        const ended = await stopping;
        // a driver without grace periods has stopped it by now; any other has let go of it
        expect(ended).toMatchObject(ended.ok ? { ok: true } : { ok: false, error: { code: 'aborted' } });
      });

      it('keeps nothing from being read later', async () => {
        const { create } = await stage.run(runs());
        const context = { workspace: stage.workspace, root: ground.root };
        const seen = await stage.driver.inspect(context, create.address, create.target.name, AbortSignal.abort());
        expect(seen.ok).toBe(false);
        expect((await stage.see(create)).name).toBe(create.target.name);
      });
    });
  });
}
