import type { TemplateAddress } from '../model/address.ts';
import { templateOf } from '../model/address.ts';
import type { Dependency } from '../model/desired.ts';
import type { NodeId } from '../model/plan.ts';
import type { NodeGraph } from './graph.ts';
import { orderHandovers, type Takers } from './handover.ts';
import { addCompletion, addSteady, type RemovalSteps, type Steps } from './steps.ts';

/** All steps of a plan, by the template they belong to, and the desired dependencies without circles. */
export interface Sequence {
  readonly steps: readonly Steps[];
  readonly byTemplate: ReadonlyMap<TemplateAddress, readonly Steps[]>;
  readonly dependsOn: ReadonlyMap<TemplateAddress, readonly Dependency[]>;
  /** Those whose running object stops before its successor starts. */
  readonly interrupted: readonly Steps[];
  readonly takers: Takers;
  readonly waitTimeout: number | undefined;
}

/**
 * Orders address against address. What an engine insists on comes first and always holds: dependencies before their
 * dependents on the way up, nothing left on a network that goes, a host port free before it is taken. What is merely
 * better gives way where it would close a circle: dependents down before what they depend on, and an agent stopped
 * only once all that its successor needs is there.
 */
export function orderAddresses(graph: NodeGraph, sequence: Sequence): void {
  const needs = orderBringUp(graph, sequence);
  orderShared(graph, sequence);
  orderHandovers(graph, sequence.steps, sequence.takers);
  orderTearDown(graph, sequence);
  for (const steps of sequence.interrupted) {
    for (const { stop, first } of steps.removals) {
      for (const need of needs.get(steps) ?? []) if (stop !== undefined) graph.prefer(first, need);
    }
  }
}

/** Returns what each address waits for before it comes up. */
function orderBringUp(graph: NodeGraph, sequence: Sequence): ReadonlyMap<Steps, readonly NodeId[]> {
  const needs = new Map<Steps, readonly NodeId[]>();
  for (const steps of sequence.steps) {
    const { create, start, decision } = steps;
    const node = start ?? create;
    if (node === undefined || decision.desired === undefined) continue;
    const own: NodeId[] = [];
    for (const dependency of sequence.dependsOn.get(templateOf(decision.address)) ?? []) {
      for (const other of sequence.byTemplate.get(dependency.address) ?? []) {
        const need = nodeThatMeets(graph, dependency.until, other, sequence.waitTimeout);
        if (need === undefined) continue;
        graph.require(other.decision.kind === 'agent' ? node : (create ?? node), need);
        own.push(need);
      }
    }
    if (own.length > 0) needs.set(steps, own);
  }
  return needs;
}

/** The node after which a dependency counts as met; `undefined` where it is met already. */
function nodeThatMeets(
  graph: NodeGraph,
  until: Dependency['until'],
  steps: Steps,
  waitTimeout: number | undefined,
): NodeId | undefined {
  if (steps.decision.kind !== 'agent') return steps.create;
  switch (until) {
    case 'exists':
      return steps.create;
    case 'started':
      return addSteady(graph, steps, waitTimeout);
    case 'ready':
      if (steps.route !== undefined || steps.ready !== undefined) return steps.route ?? steps.ready;
      return steps.decision.desired?.template.readiness.oneShot ? addCompletion(graph, steps, waitTimeout) : undefined;
    case 'completed':
      return addCompletion(graph, steps, waitTimeout);
  }
}

/** A network or volume goes when nobody stands on it any more. */
function orderShared(graph: NodeGraph, sequence: Sequence): void {
  for (const { object, removal } of removalsOf(sequence.steps)) {
    for (const other of othersBelow(sequence, object, (kind) => kind !== 'agent')) {
      if (other.removal.object.driver === object.driver) graph.prefer(other.remove, removal.remove);
    }
  }
}

/** Dependents stop before what they stood on, as it was recorded when they were made. */
function orderTearDown(graph: NodeGraph, sequence: Sequence): void {
  for (const { object, removal } of removalsOf(sequence.steps)) {
    for (const other of othersBelow(sequence, object, (kind) => kind === 'agent')) {
      graph.prefer(other.stop ?? other.remove, removal.stop ?? removal.remove);
    }
  }
}

function removalsOf(steps: readonly Steps[]) {
  return steps.flatMap(({ removals }) => removals.map((removal) => ({ removal, object: removal.removal.object })));
}

/** The removals of what an object was recorded to stand on. */
function othersBelow(
  { byTemplate }: Sequence,
  { address, record }: RemovalSteps['removal']['object'],
  isOfKind: (kind: Steps['decision']['kind']) => boolean,
): readonly RemovalSteps[] {
  const own = templateOf(address);
  return [...new Set(record.dependsOn)]
    .filter((template) => template !== own)
    .flatMap((template) => byTemplate.get(template) ?? [])
    .filter(({ decision }) => isOfKind(decision.kind))
    .flatMap(({ removals }) => removals);
}
