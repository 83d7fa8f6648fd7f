import { describe, expect, it } from 'vitest';
import type { NodeId, PlanNode } from '../../src/model/plan.ts';
import { NodeGraph, orderDependencies } from '../../src/plan/graph.ts';
import { agent, at, desire } from '../support/planning.ts';

function node(id: string): Omit<PlanNode, 'dependsOn'> {
  const step = {
    address: at('agent/web/0'),
    driver: 'docker',
    kind: 'agent',
    target: { name: 'web', generation: 1 },
  } as const;
  return { id: id as NodeId, step: { ...step, verb: 'start' }, cause: { type: 'declared' } };
}

function graphOf(...ids: readonly string[]): { graph: NodeGraph; id: (text: string) => NodeId } {
  const graph = new NodeGraph();
  for (const id of ids) graph.add(node(id));
  return { graph, id: (text) => text as NodeId };
}

describe('the graph of a plan', () => {
  it('comes in waves, each ordered by code unit', () => {
    const { graph, id } = graphOf('b', 'c', 'a', 'Z');
    graph.require(id('Z'), id('c'));
    graph.require(id('a'), id('Z'));
    expect(graph.toNodes().map((one) => [one.id, ...one.dependsOn])).toEqual([['b'], ['c'], ['Z', 'c'], ['a', 'Z']]);
  });

  it('leaves out a preference that would close a circle, and keeps any other', () => {
    const { graph, id } = graphOf('a', 'b', 'c');
    graph.require(id('a'), id('b'));
    graph.prefer(id('b'), id('c'));
    graph.prefer(id('c'), id('a'));
    expect(graph.toNodes().map((one) => [one.id, ...one.dependsOn])).toEqual([['c'], ['b', 'c'], ['a', 'b']]);
  });

  it('refuses a circle and a second node of one name', () => {
    const { graph, id } = graphOf('a', 'b');
    expect(() => graph.add(node('a'))).toThrow('two nodes are called `a`');
    graph.require(id('a'), id('b'));
    graph.require(id('b'), id('a'));
    expect(() => graph.toNodes()).toThrow('circle');
  });

  it('a chain of ten thousand dependencies is no deeper than any other', () => {
    const templates = [...Array(10_000).keys()].map((index) =>
      agent(`a${String(index)}`, index === 0 ? {} : { dependsOn: [[`a${String(index - 1)}`, 'ready']] }),
    );
    const { cycles, dependsOn } = orderDependencies(desire(templates.reverse()).templates);
    expect([cycles.length, dependsOn.size]).toEqual([0, 10_000]);
  });
});
