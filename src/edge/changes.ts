import type { EdgeDocument, EdgeTarget } from '../model/edge.ts';

type Targets = Readonly<Record<string, EdgeTarget>>;

/** The document with a replica added or changed; without one given, the replica is taken out. */
export function withTarget(
  document: EdgeDocument,
  { group, id }: { readonly group: string; readonly id: string },
  target: EdgeTarget | undefined,
): EdgeDocument {
  const { [id]: _, ...others } = document.targets[group] ?? {};
  const targets: Targets = target ? { ...others, [id]: target } : others;
  const { [group]: __, ...groups } = document.targets;
  return { ...document, targets: Object.keys(targets).length === 0 ? groups : { ...groups, [group]: targets } };
}

/** Replicas that a new document no longer has: their connections are cut. */
export function forgottenTargets(
  before: EdgeDocument,
  after: EdgeDocument,
): readonly { readonly group: string; readonly id: string }[] {
  return Object.entries(before.targets).flatMap(([group, targets]) =>
    Object.keys(targets).flatMap((id) => (after.targets[group]?.[id] ? [] : [{ group, id }])),
  );
}
