import { hashJson } from '../util/hash.ts';
import { isJsonObject, type Json, type JsonObject } from '../util/json.ts';
import type { MutableField, SpecHash } from './desired.ts';
import { fieldSegments, type FieldPath } from './field-path.ts';
import type { ObservedResource, Version } from './observed.ts';

/** The hash that decides between update and replace: over all fields but those that can change in place. */
export function specHashOf(spec: JsonObject, mutable: readonly MutableField[]): SpecHash {
  return hashJson(without(spec, new Set(mutable.map((field) => field.path)))) as SpecHash;
}

/** The precondition of a plan on an object that stands; see {@link Version}. */
export function versionOf(observed: ObservedResource): Version {
  return hashJson({
    live: observed.live,
    specHash: observed.record.specHash,
    running: isRunning(observed),
  });
}

/** Whether the object's process is there, paused or between two restarts included. */
export function isRunning(observed: Pick<ObservedResource, 'phase'>): boolean {
  return observed.phase === 'running' || observed.phase === 'restarting' || observed.phase === 'paused';
}

/** A copy of `document` without the given fields. */
export function without(document: JsonObject, paths: ReadonlySet<FieldPath>): JsonObject {
  return prune(document, '', paths);
}

function prune(document: JsonObject, prefix: string, paths: ReadonlySet<FieldPath>): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(document)) {
    if (value === undefined) continue;
    const path = `${prefix}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` as FieldPath;
    if (paths.has(path)) continue;
    kept[key] = isJsonObject(value) ? prune(value, path, paths) : value;
  }
  return kept;
}

/** A copy of `document` with the given fields set; missing objects on the way are made. */
export function withFields(document: JsonObject, fields: Readonly<Record<FieldPath, Json>>): JsonObject {
  let result = document;
  for (const [path, value] of Object.entries(fields)) result = assign(result, fieldSegments(path as FieldPath), value);
  return result;
}

function assign(document: JsonObject, [head, ...rest]: readonly string[], value: Json): JsonObject {
  if (head === undefined) return document;
  const child = document[head];
  return { ...document, [head]: rest.length === 0 ? value : assign(isJsonObject(child) ? child : {}, rest, value) };
}
