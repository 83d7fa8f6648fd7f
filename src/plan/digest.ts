import type { Plan, PlanNode } from '../model/plan.ts';
import { hashJson } from '../util/hash.ts';
import type { Json } from '../util/json.ts';

/**
 * SHA-256 over what the plan does in which workspace and what it holds against each object: the nodes in their order, without causes,
 * engine ids and the names of manifests. Two plans that do the same have the same digest, on any machine.
 */
export function digestOf({ workspace, nodes }: Pick<Plan, 'workspace' | 'nodes'>): string {
  return hashJson({ workspace, nodes: nodes.map(canonicalNode) });
}

/** What of a node the digest covers. */
export function canonicalNode(node: PlanNode): Json {
  const { id, step, precondition, dependsOn } = node;
  const { name, generation } = step.target;
  const rest = step.verb === 'create' ? { ...step, manifest: undefined } : step;
  return {
    id,
    dependsOn,
    step: { ...rest, target: { name, generation } } as unknown as Json,
    ...(precondition === undefined ? {} : { precondition }),
  };
}
