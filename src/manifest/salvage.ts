import { isJsonObject, type Json } from '../util/json.ts';
import { valueAtPath } from './issues.ts';
import { formatPath } from './locate.ts';
import type { Path } from './source-tree.ts';

/** A document without its faulty parts. */
export interface Pruned {
  readonly value: Json;
  /** List, as a formatted path → the indices that its remaining items had before. */
  readonly indices: ReadonlyMap<string, readonly number[]>;
}

/**
 * Takes out what the issues are about, so that the rest of a faulty manifest can still be checked for what it means:
 * an item of a list, a value, or the map around a value that is missing.
 */
export function prune(document: Json, faulty: readonly Path[], earlier?: Pruned): Pruned {
  const indices = new Map(earlier?.indices);
  const removals = faulty.map((path) => removalOf(document, path));
  const lists = new Map<string, { readonly path: Path; readonly items: Set<number> }>();
  let value = document;
  for (const path of removals) {
    const last = path.at(-1);
    if (typeof last !== 'number') {
      value = remove(value, path);
      continue;
    }
    const list = path.slice(0, -1);
    const entry = lists.get(formatPath(list)) ?? { path: list, items: new Set() };
    entry.items.add(last);
    lists.set(formatPath(list), entry);
  }
  for (const [name, { path, items }] of lists) {
    const list = valueAtPath(value, path);
    if (!Array.isArray(list)) continue;
    const kept = list.map((_, index) => index).filter((index) => !items.has(index));
    const before = indices.get(name);
    indices.set(
      name,
      kept.map((index) => before?.[index] ?? index),
    );
    value = replace(
      value,
      path,
      kept.map((index) => (list as readonly Json[])[index] ?? null),
    );
  }
  return { value, indices };
}

/** Up to the first list item on the way; a missing value takes its map along. */
function removalOf(document: Json, path: Path): Path {
  const item = path.findIndex((segment) => typeof segment === 'number');
  if (item !== -1) return path.slice(0, item + 1);
  return valueAtPath(document, path) === undefined ? path.slice(0, -1) : path;
}

function remove(value: Json, [head, ...rest]: Path): Json {
  if (head === undefined || !isJsonObject(value)) return value;
  const { [head]: child, ...others } = value;
  return rest.length === 0 || child === undefined ? others : { ...value, [head]: remove(child, rest) };
}

function replace(value: Json, [head, ...rest]: Path, by: Json): Json {
  if (head === undefined) return by;
  if (!isJsonObject(value)) return value;
  return { ...value, [head]: replace(value[head] ?? null, rest, by) };
}
