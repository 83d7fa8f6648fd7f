import { describe, expect, it } from 'vitest';
import { createGate, type FaultEffect } from '../../src/drivers/memory/faults.ts';
import { createMemoryDriver, type MemoryDriverOptions } from '../../src/drivers/memory/memory-driver.ts';
import { MemoryWorld, type MemoryWorldOptions } from '../../src/drivers/memory/memory-world.ts';
import { fieldPath } from '../../src/model/field-path.ts';
import type { ObservedResource } from '../../src/model/observed.ts';
import type { DriverError } from '../../src/model/outcome.ts';
import { versionOf } from '../../src/model/version.ts';
import { callOn } from '../contract/calls.ts';
import { FakeClock } from './fake-clock.ts';
import { applyNodes, bringUp, createAgent, image, look, nodeOf, planOf, standing, statuses } from './plans.ts';

const transient: DriverError = { code: 'exhausted', retry: 'transient', message: 'no room just now' };
const terminal: DriverError = { code: 'invalid', retry: 'terminal', message: 'bad port' };

function worldWith(options: MemoryWorldOptions = {}): MemoryWorld {
  return new MemoryWorld({ images: { [image]: 'sha256:1' }, ...options });
}

function driverWith(effect: FaultEffect, options: Omit<MemoryDriverOptions, 'faults'> = {}, nth?: number) {
  const on = { verb: 'create', address: createAgent('a').address, ...(nth === undefined ? {} : { nth }) } as const;
  return createMemoryDriver({ world: worldWith(), ...options, faults: [{ on, effect }] });
}

describe('apply', () => {
  it('brings up what the plan has, one after another', async () => {
    const driver = createMemoryDriver({ world: worldWith() });
    const a = bringUp(createAgent('a'));
    const { report, events } = await applyNodes([...a, ...bringUp(createAgent('b'), [a[2]])], driver);
    expect(report.status).toBe('succeeded');
    expect(driver.world.objects.map(({ name, phase }) => [name.split('-')[1], phase])).toEqual([
      ['a', 'running'],
      ['b', 'running'],
    ]);
    expect(events.flatMap((event) => (event.type === 'node-started' ? [event.node.id] : []))).toEqual(
      report.nodes.map(({ node }) => node.id),
    );
    expect(events[0]?.type).toBe('apply-started');
    expect(events.at(-1)).toMatchObject({ type: 'apply-finished', report });
  });

  it('does nothing for a plan of nothing', async () => {
    const { report } = await applyNodes([], createMemoryDriver());
    expect(report).toMatchObject({ status: 'succeeded', nodes: [] });
  });

  it('skips what stands on a failure, and goes on with the rest', async () => {
    const [a, b, c] = [bringUp(createAgent('a')), bringUp(createAgent('b')), createAgent('c')];
    const driver = driverWith({ type: 'fail', error: terminal });
    const { report } = await applyNodes([...a, ...b, ...bringUp(c, [a[2], b[2]])], driver);
    expect(report.status).toBe('failed');
    expect(report.nodes.map(({ outcome }) => outcome)).toMatchObject([
      { status: 'failed', attempts: 1, error: terminal },
      { status: 'skipped', blockedBy: a[0].id },
      { status: 'skipped', blockedBy: a[0].id },
      { status: 'succeeded' },
      { status: 'succeeded' },
      { status: 'succeeded' },
      { status: 'skipped', blockedBy: a[0].id },
      { status: 'skipped', blockedBy: a[0].id },
      { status: 'skipped', blockedBy: a[0].id },
    ]);
  });

  it('told to fail fast, starts nothing after the first failure', async () => {
    const driver = driverWith({ type: 'fail', error: terminal });
    const nodes = [...bringUp(createAgent('a')), ...bringUp(createAgent('b'))];
    const { report } = await applyNodes(nodes, driver, { failFast: true, parallelism: 1 });
    expect(report.status).toBe('failed');
    expect(report.nodes.map(({ outcome }) => outcome.status)).toEqual([
      'failed',
      'skipped',
      'skipped',
      'not-started',
      'not-started',
      'not-started',
    ]);
  });

  it('tries again what failed for the moment', async () => {
    const driver = driverWith({ type: 'fail', error: transient }, {}, 1);
    const { report, events } = await applyNodes(bringUp(createAgent('a')), driver);
    expect(report.nodes[0]?.outcome).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(events.find((event) => event.type === 'node-retrying')).toMatchObject({
      attempt: 1,
      delay: 200,
      error: transient,
    });
  });

  it('finishes what an earlier attempt had done although it was reported as failed', async () => {
    const driver = driverWith({ type: 'fail', error: transient, after: true }, {}, 1);
    const { report } = await applyNodes(bringUp(createAgent('a')), driver);
    expect(report.status).toBe('succeeded');
    expect(driver.world.objects).toHaveLength(1);
  });

  it('turns what a driver throws into a failure of that node alone', async () => {
    const driver = driverWith({ type: 'crash' });
    const b = bringUp(createAgent('b'));
    const { report } = await applyNodes([nodeOf(createAgent('a')), ...b], driver);
    expect(report.nodes[0]?.outcome).toMatchObject({
      status: 'failed',
      error: { code: 'internal', retry: 'terminal', message: 'the `memory` driver has a defect: scripted crash' },
    });
    expect(statuses(report)[b[2].id]).toBe('succeeded');
  });

  it.each([{ deaf: false }, { deaf: true }])(
    'ends a call that is never answered at its deadline, deaf to its signal or not: $deaf',
    async ({ deaf }) => {
      const clock = new FakeClock();
      const driver = driverWith({ type: 'hang', ...(deaf ? { deaf } : {}) });
      const applied = applyNodes([nodeOf(createAgent('a'))], driver, { clock });
      await clock.advance(60_000);
      const { report } = await applied;
      expect(report.elapsed).toBe(60_000);
      expect(report.nodes[0]?.outcome).toMatchObject({
        status: 'failed',
        attempts: 1,
        error: {
          code: 'timeout',
          message: `\`create\` of \`${createAgent('a').target.name}\` was not answered within 60 s`,
          hint: expect.stringContaining('restart the engine') as string,
        },
      });
    },
  );

  it('takes the deadlines it is given; a stop gets its grace period on top', async () => {
    const world = worldWith();
    const { ref } = await standing(world, createAgent('a'));
    const clock = new FakeClock();
    const driver = createMemoryDriver({ world, faults: [{ on: {}, effect: { type: 'hang' } }] });
    const stop = nodeOf(callOn(createAgent('a'), { verb: 'stop', gracePeriod: 7_000 }, ref));
    const applied = applyNodes([stop], driver, { clock, deadlines: { stop: 3_000 } });
    await clock.advance(10_000);
    expect((await applied).report).toMatchObject({ status: 'failed', elapsed: 10_000 });
  });

  it('tells what it waits for', async () => {
    const driver = createMemoryDriver({ world: worldWith() });
    const { events } = await applyNodes(bringUp(createAgent('a'), [], { minReady: 3_000 }), driver);
    const progress = events.flatMap((event) => (event.type === 'node-progress' ? [event.message] : []));
    expect(progress).toEqual(['it has to stay up for a while']);
  });

  it('refuses a plan for a driver it was not given, before it does anything', async () => {
    const driver = createMemoryDriver({ world: worldWith() });
    const foreign = { ...createAgent('b'), driver: 'docker' } as const;
    await expect(applyNodes([nodeOf(createAgent('a')), nodeOf(foreign)], driver)).rejects.toThrow('no `docker` driver');
    expect(driver.calls).toEqual([]);
  });

  it('stays with the object it has made: a stranger of the same name is not started', async () => {
    const create = createAgent('a');
    const world = worldWith();
    const gate = createGate({ verb: 'start' });
    const driver = createMemoryDriver({ world, gates: [gate] });
    const applied = applyNodes(bringUp(create).slice(0, 2), driver, { clock: new FakeClock() });
    await gate.reached;
    const { ref: _, ...same } = world.find('agent', create.target.name)!;
    world.put({ ...same, ref: 'stranger' });
    gate.open();
    expect((await applied).report.nodes[1]?.outcome).toMatchObject({ status: 'failed', error: { code: 'moved' } });
  });
});

describe('a precondition', () => {
  const memory = fieldPath('resources', 'limits', 'memory');

  /** A running agent, the nodes that replace it, and the driver to do it with. */
  async function replacement(change?: (world: MemoryWorld, seen: ObservedResource) => void) {
    const world = worldWith();
    const [old, next] = [createAgent('a'), createAgent('a', { labels: { new: 'yes' } }, 2)];
    const seen = await standing(world, old);
    change?.(world, seen);
    const stop = nodeOf(callOn(old, { verb: 'stop', gracePeriod: 0 }, seen.ref), [], versionOf(seen));
    const remove = nodeOf(callOn(old, { verb: 'remove' }, seen.ref), [stop]);
    return { world, old, next, seen, nodes: [stop, remove, ...bringUp(next, [remove])] };
  }

  it('that holds lets the work go on', async () => {
    const { world, nodes, next } = await replacement();
    const { report } = await applyNodes(nodes, createMemoryDriver({ world }));
    expect(report.status).toBe('succeeded');
    expect(world.objects.map((object) => object.name)).toEqual([next.target.name]);
  });

  it('that does not hold fails its node, names what moved, and leaves the object alone', async () => {
    const { world, nodes, old } = await replacement((w, seen) => w.changeField(seen.name, memory, 1_024));
    const { report } = await applyNodes(nodes, createMemoryDriver({ world }));
    expect(report.nodes.map(({ outcome }) => outcome.status)).toEqual([
      'failed',
      'skipped',
      'skipped',
      'skipped',
      'skipped',
    ]);
    expect(report.nodes[0]?.outcome).toMatchObject({
      error: {
        code: 'moved',
        field: memory,
        message: `\`${old.target.name}\` is no longer what was planned: \`resources.limits.memory\` is 1024 instead of null`,
      },
    });
    expect((await look(world, old)).phase).toBe('running');
  });

  it('on what is to be taken away holds when it is gone already', async () => {
    const { world, nodes, next } = await replacement((w, seen) => w.remove(seen.name));
    const { report } = await applyNodes(nodes, createMemoryDriver({ world }));
    expect(report.status).toBe('succeeded');
    expect(world.objects.map((object) => object.name)).toEqual([next.target.name]);
  });

  it('on what is to be changed does not hold when it is gone', async () => {
    const { world, old, seen } = await replacement((w, standingAgent) => w.remove(standingAgent.name));
    const update = nodeOf(callOn(old, { verb: 'update', fields: { [memory]: 5 } }, seen.ref), [], versionOf(seen));
    const { report } = await applyNodes([update], createMemoryDriver({ world }));
    expect(report.nodes[0]?.outcome).toMatchObject({
      error: { code: 'moved', message: `\`${old.target.name}\` is no longer what was planned: it is gone` },
    });
  });

  it('is not looked at again when the call is retried', async () => {
    const { world, old, seen } = await replacement();
    const update = nodeOf(callOn(old, { verb: 'update', fields: { [memory]: 5 } }, seen.ref), [], versionOf(seen));
    const faults = [
      { on: { verb: 'update', nth: 1 }, effect: { type: 'fail', error: transient, after: true } },
    ] as const;
    const { report } = await applyNodes(planOf([update]), createMemoryDriver({ world, faults }));
    expect(report.status).toBe('succeeded');
  });
});

describe('Ctrl-C', () => {
  it('lets running calls end and starts nothing more', async () => {
    const gate = createGate({ verb: 'create' });
    const driver = createMemoryDriver({ world: worldWith(), gates: [gate] });
    const [drain, abort] = [new AbortController(), new AbortController()];
    const applied = applyNodes(bringUp(createAgent('a')), driver, {
      clock: new FakeClock(),
      drain: drain.signal,
      abort: abort.signal,
    });
    await gate.reached;
    drain.abort();
    gate.open();
    const { report, events } = await applied;
    expect(report.status).toBe('interrupted');
    expect(report.nodes.map(({ outcome }) => outcome.status)).toEqual(['succeeded', 'not-started', 'not-started']);
    expect(events.find((event) => event.type === 'interrupted')).toMatchObject({ running: 1 });
    expect(driver.world.objects.map((object) => object.phase)).toEqual(['created']);
  });

  it('ends waits at once', async () => {
    const clock = new FakeClock();
    const drain = new AbortController();
    const nodes = bringUp(createAgent('a'), [], { minReady: 600_000, deadline: 900_000 });
    const applied = applyNodes(nodes, createMemoryDriver({ world: worldWith() }), { clock, drain: drain.signal });
    await clock.advance(5_000);
    drain.abort();
    const { report } = await applied;
    expect(report.status).toBe('interrupted');
    expect(report.nodes[2]?.outcome).toEqual({ status: 'cancelled', elapsed: 5_000 });
  });

  it('a second time cuts calls off too, also those that take no notice', async () => {
    const gate = createGate({ verb: 'create', address: createAgent('a').address });
    const faults = [{ on: { verb: 'create', nth: 2 }, effect: { type: 'hang', deaf: true } }] as const;
    const driver = createMemoryDriver({ world: worldWith(), gates: [gate], faults });
    const [drain, abort] = [new AbortController(), new AbortController()];
    const nodes = [...bringUp(createAgent('a')), nodeOf(createAgent('b'))];
    const applied = applyNodes(nodes, driver, { clock: new FakeClock(), drain: drain.signal, abort: abort.signal });
    await gate.reached;
    drain.abort();
    abort.abort();
    const { report } = await applied;
    expect(report.status).toBe('interrupted');
    expect(report.nodes.map(({ outcome }) => outcome.status)).toEqual([
      'cancelled',
      'not-started',
      'not-started',
      'cancelled',
    ]);
  });

  it('before the first call has nothing done at all', async () => {
    const driver = createMemoryDriver({ world: worldWith() });
    const { report } = await applyNodes(bringUp(createAgent('a')), driver, { drain: AbortSignal.abort() });
    expect(report.status).toBe('interrupted');
    expect(driver.calls).toEqual([]);
  });

  it('that comes when all is done changes nothing', async () => {
    const drain = new AbortController();
    const driver = createMemoryDriver({ world: worldWith() });
    const { report } = await applyNodes([nodeOf(createAgent('a'))], driver, {
      drain: drain.signal,
      emit: (event) => {
        if (event.type === 'node-finished') drain.abort();
      },
    });
    expect(report.status).toBe('succeeded');
  });
});
