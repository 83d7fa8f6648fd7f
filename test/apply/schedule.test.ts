import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Schedule, type ScheduleLimits, type Settlement } from '../../src/apply/schedule.ts';
import type { NodeId, PlanNode } from '../../src/model/plan.ts';
import { callOn } from '../contract/calls.ts';
import { createAgent, nodeOf, waitOn } from './plans.ts';

const unlimited: ScheduleLimits = { drivers: new Map() };

function create(name: string, dependsOn: readonly PlanNode[] = []): PlanNode {
  return nodeOf(createAgent(name), dependsOn);
}

function remove(name: string): PlanNode {
  return nodeOf(callOn(createAgent(name), { verb: 'remove' }));
}

/** Starts all that may start; gives their ids. */
function startAll(schedule: Schedule): readonly NodeId[] {
  const started: NodeId[] = [];
  for (let node = schedule.ready(); node; node = schedule.ready()) {
    schedule.start(node.id);
    started.push(node.id);
  }
  return started;
}

describe('a schedule', () => {
  it('starts a node only when all it depends on has succeeded', () => {
    const [a, b] = [create('a'), create('b')];
    const c = create('c', [a, b]);
    const schedule = new Schedule([a, b, c], unlimited);
    expect(startAll(schedule)).toEqual([a.id, b.id]);
    schedule.settle(a.id, 'succeeded');
    expect(startAll(schedule)).toEqual([]);
    schedule.settle(b.id, 'succeeded');
    expect(startAll(schedule)).toEqual([c.id]);
  });

  it('skips all that stands on a failure, naming the root of it, and nothing else', () => {
    const [a, other] = [create('a'), create('other')];
    const b = create('b', [a]);
    const c = create('c', [b, other]);
    const schedule = new Schedule([a, b, c, other], unlimited);
    startAll(schedule);
    expect(schedule.settle(a.id, 'failed')).toEqual([
      { node: b, blockedBy: a.id },
      { node: c, blockedBy: a.id },
    ]);
    expect(schedule.settle(other.id, 'succeeded')).toEqual([]);
    expect(startAll(schedule)).toEqual([]);
    expect(schedule.running).toBe(0);
  });

  it('names only the first of two roots', () => {
    const [a, b] = [create('a'), create('b')];
    const c = create('c', [a, b]);
    const schedule = new Schedule([a, b, c], unlimited);
    startAll(schedule);
    expect(schedule.settle(b.id, 'failed')).toEqual([{ node: c, blockedBy: b.id }]);
    expect(schedule.settle(a.id, 'failed')).toEqual([]);
  });

  it('neither starts nor skips what depends on a node that was cancelled', () => {
    const a = create('a');
    const schedule = new Schedule([a, create('b', [a])], unlimited);
    startAll(schedule);
    expect(schedule.settle(a.id, 'cancelled')).toEqual([]);
    expect(startAll(schedule)).toEqual([]);
  });

  it('keeps to the calls a driver bears, and to the removals among them', () => {
    const nodes = [remove('a'), remove('b'), create('c'), create('d'), create('e')];
    const schedule = new Schedule(nodes, { drivers: new Map([['memory', { calls: 3, removals: 1 }]]) });
    expect(startAll(schedule)).toEqual([nodes[0]!.id, nodes[2]!.id, nodes[3]!.id]);
    schedule.settle(nodes[2]!.id, 'succeeded');
    expect(startAll(schedule)).toEqual([nodes[4]!.id]);
    schedule.settle(nodes[0]!.id, 'succeeded');
    expect(startAll(schedule)).toEqual([nodes[1]!.id]);
  });

  it('keeps to the total, of which waits use nothing', () => {
    const waits = ['a', 'b', 'c'].map((name) => nodeOf(waitOn(createAgent(name))));
    const calls = ['d', 'e'].map((name) => create(name));
    const schedule = new Schedule([...calls, ...waits], { drivers: new Map(), total: 1 });
    expect(startAll(schedule)).toEqual([calls[0]!.id, ...waits.map((node) => node.id)]);
    schedule.settle(calls[0]!.id, 'succeeded');
    expect(startAll(schedule)).toEqual([calls[1]!.id]);
  });

  it('never has two calls on one object at once', () => {
    const call = createAgent('a');
    const nodes = [
      nodeOf(callOn(call, { verb: 'stop', gracePeriod: 0 })),
      nodeOf(callOn(call, { verb: 'remove' })),
      create('b'),
    ];
    const schedule = new Schedule(nodes, unlimited);
    expect(startAll(schedule)).toEqual([nodes[0]!.id, nodes[2]!.id]);
    schedule.settle(nodes[0]!.id, 'failed');
    expect(startAll(schedule)).toEqual([nodes[1]!.id]);
  });

  it('sees an earlier branch through before it begins a later one', () => {
    const a = create('a');
    const [afterA, b] = [create('afterA', [a]), create('b')];
    const schedule = new Schedule([a, afterA, b], { drivers: new Map(), total: 1 });
    expect(startAll(schedule)).toEqual([a.id]);
    schedule.settle(a.id, 'succeeded');
    expect(startAll(schedule)).toEqual([afterA.id]);
  });

  it('starts nothing more once it is stopped', () => {
    const a = create('a');
    const schedule = new Schedule([a, create('b', [a]), create('c')], { drivers: new Map(), total: 1 });
    startAll(schedule);
    schedule.stop();
    schedule.settle(a.id, 'succeeded');
    expect(startAll(schedule)).toEqual([]);
  });

  it.each([
    ['a cycle', [{ ...create('a'), dependsOn: [create('b').id] }, create('b', [create('a')])], 'waits for itself'],
    ['an unknown dependency', [create('b', [create('a')])], 'has no node `create agent/a/0`'],
    ['two nodes of one id', [create('a'), create('a')], 'has two nodes `create agent/a/0`'],
  ])('refuses a plan with %s', (_, nodes, message) => {
    expect(() => new Schedule(nodes, unlimited)).toThrow(message);
  });

  it('gets through ten thousand nodes, whatever their shape', () => {
    const call = createAgent('a');
    for (const width of [1, 100, 10_000]) {
      const nodes: PlanNode[] = [];
      for (let index = 0; index < 10_000; index += 1) {
        const step = { ...call, target: { name: `a-${String(index)}`, generation: 1 } };
        const before = nodes[index - width];
        nodes.push({ ...nodeOf(step, before ? [before] : []), id: `create ${String(index)}` as NodeId });
      }
      const schedule = new Schedule(nodes, { drivers: new Map(), total: 64 });
      const running = [...startAll(schedule)];
      let settled = 0;
      for (let id = running.shift(); id; id = running.shift()) {
        schedule.settle(id, 'succeeded');
        settled += 1;
        running.push(...startAll(schedule));
      }
      expect(settled).toBe(10_000);
    }
  });

  it('keeps all of this for any graph, any limits and any outcomes', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            verb: fc.constantFrom('create', 'remove', 'wait'),
            edges: fc.array(fc.nat()),
            object: fc.nat(4),
          }),
          {
            maxLength: 30,
          },
        ),
        fc.record({ calls: fc.integer({ min: 1, max: 4 }), removals: fc.integer({ min: 1, max: 3 }) }),
        fc.infiniteStream(fc.constantFrom<Settlement>('succeeded', 'succeeded', 'succeeded', 'failed', 'cancelled')),
        fc.infiniteStream(fc.nat()),
        (shapes, limits, settlements, picks) => {
          const nodes = graphOf(shapes);
          const schedule = new Schedule(nodes, { drivers: new Map([['memory', limits]]) });
          const state = new Map<NodeId, Settlement | 'running' | 'skipped'>();
          const failedBelow = (node: PlanNode): boolean =>
            node.dependsOn.some((id) => state.get(id) === 'failed' || state.get(id) === 'skipped');
          for (;;) {
            for (const id of startAll(schedule)) {
              const node = nodes.find((candidate) => candidate.id === id)!;
              expect(state.has(id)).toBe(false);
              expect(node.dependsOn.every((dependency) => state.get(dependency) === 'succeeded')).toBe(true);
              state.set(id, 'running');
            }
            const running = nodes.filter((node) => state.get(node.id) === 'running');
            const calls = running.filter((node) => node.step.verb !== 'wait');
            expect(calls.length).toBeLessThanOrEqual(limits.calls);
            expect(calls.filter((node) => node.step.verb === 'remove').length).toBeLessThanOrEqual(limits.removals);
            expect(new Set(calls.map((node) => node.step.target.name)).size).toBe(calls.length);
            if (running.length === 0) break;
            const ended = running[picks.next().value % running.length]!;
            const settlement = (settlements.next() as IteratorYieldResult<Settlement>).value;
            state.set(ended.id, settlement);
            for (const { node, blockedBy } of schedule.settle(ended.id, settlement)) {
              expect(blockedBy).toBe(ended.id);
              state.set(node.id, 'skipped');
            }
          }
          for (const node of nodes) {
            expect(state.get(node.id) === 'skipped').toBe(failedBelow(node));
            const free = node.dependsOn.every((id) => state.get(id) === 'succeeded');
            if (free) expect(state.has(node.id)).toBe(true);
          }
        },
      ),
    );
  });
});

/** Nodes that depend on earlier ones only, on few objects. */
function graphOf(
  shapes: readonly {
    readonly verb: 'create' | 'remove' | 'wait';
    readonly edges: readonly number[];
    readonly object: number;
  }[],
): readonly PlanNode[] {
  const nodes: PlanNode[] = [];
  for (const [index, { verb, edges, object }] of shapes.entries()) {
    const call = createAgent(`a${String(object)}`);
    const step = verb === 'create' ? call : verb === 'wait' ? waitOn(call) : callOn(call, { verb: 'remove' });
    const before = index === 0 ? [] : edges.slice(0, 3).map((edge) => nodes[edge % index]!);
    nodes.push({ ...nodeOf(step, before), id: `${verb} ${String(index)}` as NodeId });
  }
  return nodes;
}
