import type { TemplateAddress } from '../model/address.ts';
import type { Dependency, ResourceTemplate } from '../model/desired.ts';
import type { NodeId, PlanNode } from '../model/plan.ts';
import { compareCodeUnits } from '../util/compare.ts';

/**
 * The nodes of a plan while it is made, and what each waits for. It never holds a cycle: {@link require} trusts its
 * caller, {@link prefer} looks first.
 */
export class NodeGraph {
  readonly #nodes = new Map<NodeId, Omit<PlanNode, 'dependsOn'>>();
  readonly #dependencies = new Map<NodeId, Set<NodeId>>();

  add(node: Omit<PlanNode, 'dependsOn'>): NodeId {
    if (this.#nodes.has(node.id)) throw new Error(`two nodes are called \`${node.id}\``);
    this.#nodes.set(node.id, node);
    this.#dependencies.set(node.id, new Set());
    return node.id;
  }

  has(id: NodeId): boolean {
    return this.#nodes.has(id);
  }

  /** `node` must wait for `dependency`. */
  require(node: NodeId, dependency: NodeId): void {
    this.#dependencies.get(node)?.add(dependency);
  }

  /** `node` waits for `dependency`, unless that already waits for `node`. */
  prefer(node: NodeId, dependency: NodeId): void {
    if (this.#dependencies.get(node)?.has(dependency)) return;
    if (!this.#waitsFor(dependency, node)) this.require(node, dependency);
  }

  /** The nodes in waves: each wave needs only earlier ones, and within a wave ids are ordered by code unit. */
  toNodes(): readonly PlanNode[] {
    const dependents = new Map<NodeId, NodeId[]>();
    const open = new Map<NodeId, number>();
    for (const [id, dependencies] of this.#dependencies) {
      open.set(id, dependencies.size);
      for (const dependency of dependencies) {
        const others = dependents.get(dependency);
        if (others) others.push(id);
        else dependents.set(dependency, [id]);
      }
    }
    const ordered: PlanNode[] = [];
    let wave = [...open].flatMap(([id, count]) => (count === 0 ? [id] : []));
    while (wave.length > 0) {
      const next: NodeId[] = [];
      for (const id of wave.sort(compareCodeUnits)) {
        ordered.push(this.#finish(id));
        for (const dependent of dependents.get(id) ?? []) {
          const left = (open.get(dependent) ?? 0) - 1;
          open.set(dependent, left);
          if (left === 0) next.push(dependent);
        }
      }
      wave = next;
    }
    if (ordered.length !== this.#nodes.size) throw new Error('the nodes of the plan wait for each other in a circle');
    return ordered;
  }

  #finish(id: NodeId): PlanNode {
    const node = this.#nodes.get(id);
    if (!node) throw new Error(`no node is called \`${id}\``);
    const { precondition, ...rest } = node;
    const dependsOn = [...(this.#dependencies.get(id) ?? [])].sort(compareCodeUnits);
    return { ...rest, dependsOn, ...(precondition === undefined ? {} : { precondition }) };
  }

  #waitsFor(node: NodeId, other: NodeId): boolean {
    const seen = new Set<NodeId>([node]);
    for (const id of seen) {
      if (id === other) return true;
      for (const dependency of this.#dependencies.get(id) ?? []) seen.add(dependency);
    }
    return false;
  }
}

/** The desired dependencies without the edges that would close a circle, and those circles. */
export interface DependencyOrder {
  readonly dependsOn: ReadonlyMap<TemplateAddress, readonly Dependency[]>;
  /** Each is a path of templates along dependencies; the last depends on the first. */
  readonly cycles: readonly (readonly TemplateAddress[])[];
}

/** Walks the templates depth first, in the order given, and leaves out every edge that leads back. */
export function orderDependencies(templates: ReadonlyMap<TemplateAddress, ResourceTemplate>): DependencyOrder {
  const kept = new Map<TemplateAddress, Dependency[]>();
  const done = new Set<TemplateAddress>();
  const cycles: (readonly TemplateAddress[])[] = [];
  for (const root of templates.keys()) {
    if (done.has(root)) continue;
    const path = [{ address: root, open: openEdges(templates, root) }];
    const onPath = new Set([root]);
    kept.set(root, []);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const edge = top.open.pop();
      if (!edge) {
        done.add(top.address);
        onPath.delete(top.address);
        path.pop();
      } else if (onPath.has(edge.address)) {
        const start = path.findIndex(({ address }) => address === edge.address);
        cycles.push(path.slice(start).map(({ address }) => address));
      } else {
        kept.get(top.address)?.push(edge);
        if (done.has(edge.address) || !templates.has(edge.address)) continue;
        kept.set(edge.address, []);
        onPath.add(edge.address);
        path.push({ address: edge.address, open: openEdges(templates, edge.address) });
      }
    }
  }
  return { dependsOn: kept, cycles };
}

/** A template's dependencies, the first to follow at the end. */
function openEdges(templates: ReadonlyMap<TemplateAddress, ResourceTemplate>, address: TemplateAddress): Dependency[] {
  return [...(templates.get(address)?.dependsOn ?? [])].sort(
    (left, right) => compareCodeUnits(right.address, left.address) || compareCodeUnits(right.until, left.until),
  );
}
