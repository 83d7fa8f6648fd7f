/** Order of two strings by UTF-16 code unit: the same on every machine and in every locale. */
export function compareCodeUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The entries of a map or record, ordered by key. */
export function sortedEntries<T>(
  entries: ReadonlyMap<string, T> | Readonly<Record<string, T>>,
): readonly (readonly [string, T])[] {
  const pairs = entries instanceof Map ? [...(entries as ReadonlyMap<string, T>)] : Object.entries(entries);
  return pairs.sort(([left], [right]) => compareCodeUnits(left, right));
}
