import jsonPatch from 'fast-json-patch';
import type { DesiredResource, MutableField } from '../model/desired.ts';
import { fieldPath, fieldSegments, isWithin, valueAt, type FieldPath } from '../model/field-path.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { FieldDiff } from '../model/plan.ts';
import { isReference, type ReferenceState } from '../model/reference.ts';
import { without } from '../model/version.ts';
import { compareCodeUnits } from '../util/compare.ts';
import { equalJson, isJsonObject, type Json, type JsonObject } from '../util/json.ts';
import { sourceAt } from './source.ts';

/** How one object differs from what is asked for. */
export interface Comparison {
  /** What has to be done about: from live to desired, ordered by path. */
  readonly fields: readonly FieldDiff[];
  /** What the world did: from last applied to live. */
  readonly drift: readonly FieldDiff[];
  /** Whether it is nothing but values behind references that force the replacement. */
  readonly onlyReferences: boolean;
}

const same: Comparison = { fields: [], drift: [], onlyReferences: false };

/**
 * Compares three ways: desired with last applied is a change of the manifest, live with last applied is drift. Fields
 * that change in place compare desired with live instead, and last applied only says who moved.
 */
export function compareThreeWays(
  desired: DesiredResource,
  object: ObservedResource,
  references: ReadonlyMap<FieldPath, ReferenceState> | undefined,
): Comparison {
  const { lastApplied } = object.record;
  const changedReferences = [...(references ?? [])].flatMap(([path, state]) => (state === 'changed' ? [path] : []));
  if (changedReferences.length === 0 && isAlike(desired.spec, object.live, lastApplied)) return same;

  const { ignore } = desired.template;
  const isIgnored = (path: FieldPath): boolean => ignore.some((ancestor) => isWithin(path, ancestor));
  const mutable = desired.template.mutable.filter((field) => !isIgnored(field.path));
  const outside = new Set([...desired.template.mutable.map((field) => field.path), ...ignore]);
  const [base, want, live] = [lastApplied, desired.spec, object.live].map((spec) => without(spec, outside)) as [
    JsonObject,
    JsonObject,
    JsonObject,
  ];
  const changes = differences(base, want).map((path) => changeOf(path, { base, want, live }, desired));
  const drifted = differences(base, live).filter((path) => valueAt(base, path) !== undefined);
  const behindReferences = changedReferences
    .filter((path) => !isIgnored(path))
    .flatMap((path) => referenceOf(path, desired, changes));
  const restored = drifted
    .filter((path) => ![...changes, ...behindReferences].some((field) => isWithin(path, field.path)))
    .map((path) => diff(path, 'drift', valueAt(live, path), valueAt(want, path), { desired, forces: true }));
  const inPlace = mutable.flatMap((field) => mutableDiff(field, desired, object));
  return {
    fields: byPath([...changes, ...behindReferences, ...restored, ...inPlace.map(({ field }) => field)]),
    drift: byPath([
      ...drifted.map((path) => diff(path, 'drift', valueAt(base, path), valueAt(live, path), { forces: true })),
      ...inPlace.flatMap(({ drift }) => (drift ? [drift] : [])),
    ]),
    onlyReferences: changes.length === 0 && behindReferences.length > 0,
  };
}

/** The paths at which two specs differ. Lists and references count as one value each. */
export function differences(before: JsonObject, after: JsonObject): readonly FieldPath[] {
  const paths = jsonPatch.compare(before, after).map(({ path }) => wholeValue(path as FieldPath, before, after));
  return [...new Set(paths)].sort(compareCodeUnits);
}

/** Whether all three say the same: the common case, told without taking any of them apart. */
function isAlike(want: JsonObject, live: JsonObject, base: JsonObject): boolean {
  return jsonPatch.compare(want, live).length === 0 && (base === live || jsonPatch.compare(base, live).length === 0);
}

function wholeValue(path: FieldPath, before: JsonObject, after: JsonObject): FieldPath {
  let [left, right]: (Json | undefined)[] = [before, after];
  const segments = fieldSegments(path);
  for (const [depth, segment] of segments.entries()) {
    if (!isOpen(left) || !isOpen(right)) return fieldPath(...segments.slice(0, depth));
    [left, right] = [left[segment], right[segment]];
  }
  return path;
}

function isOpen(value: Json | undefined): value is JsonObject {
  return isJsonObject(value) && !isReference(value);
}

function changeOf(
  path: FieldPath,
  { base, want, live }: { readonly base: JsonObject; readonly want: JsonObject; readonly live: JsonObject },
  desired: DesiredResource,
): FieldDiff {
  const after = valueAt(want, path);
  const now = valueAt(live, path);
  return diff(path, 'change', equalJson(now, after) ? valueAt(base, path) : now, after, { desired, forces: true });
}

/** The field whose reference is the same and whose value is another; shown as the reference, never as the value. */
function referenceOf(path: FieldPath, desired: DesiredResource, changes: readonly FieldDiff[]): readonly FieldDiff[] {
  const reference = valueAt(desired.spec, path);
  if (!isReference(reference) || changes.some((field) => isWithin(path, field.path))) return [];
  return [diff(path, 'change', reference, reference, { desired, forces: true })];
}

/** A field that changes in place: desired against live, and who moved as far as it is known. */
function mutableDiff(
  { path, unset }: MutableField,
  desired: DesiredResource,
  object: ObservedResource,
): readonly { readonly field: FieldDiff; readonly drift?: FieldDiff }[] {
  const want = valueAt(desired.spec, path) ?? null;
  const live = valueAt(object.live, path) ?? null;
  if (equalJson(want, live)) return [];
  const base = valueAt(object.record.lastApplied, path) ?? null;
  const forces = want === null && unset === 'replace';
  if (equalJson(base, live)) return [{ field: diff(path, 'change', live, want, { desired, forces }) }];
  const known = object.journaled === true;
  const origin = !known ? 'unknown' : equalJson(base, want) ? 'drift' : 'change';
  return [
    {
      field: diff(path, origin, live, want, { desired, forces }),
      drift: diff(path, known ? 'drift' : 'unknown', base, live, { forces: false }),
    },
  ];
}

function diff(
  path: FieldPath,
  origin: FieldDiff['origin'],
  before: Json | undefined,
  after: Json | undefined,
  { desired, forces }: { readonly desired?: DesiredResource; readonly forces: boolean },
): FieldDiff {
  return {
    path,
    origin,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    forcesReplacement: forces,
    ...sourceAt(desired?.template, path),
  };
}

function byPath(fields: readonly FieldDiff[]): readonly FieldDiff[] {
  return [...fields].sort((left, right) => compareCodeUnits(left.path, right.path));
}
