import { fieldPath, fieldSegments, formatFieldPath, type FieldPath } from '../model/field-path.ts';
import type { ObservedResource, Version } from '../model/observed.ts';
import type { DriverError } from '../model/outcome.ts';
import type { FieldDiff } from '../model/plan.ts';
import { isRunning, versionOf, without, withFields } from '../model/version.ts';
import { canonicalJson, equalJson, isJsonObject, type Json, type JsonObject } from '../util/json.ts';

/** A field whose live value is no longer the one that was planned for. */
interface MovedField {
  readonly path: FieldPath;
  readonly planned: Json | undefined;
  readonly now: Json | undefined;
}

/** What has happened to an object since it was planned for. */
interface Move {
  readonly fields: readonly MovedField[];
  readonly running: 'as planned' | 'stopped' | 'started';
}

/** More than this many differing fields are not tried in all combinations. */
const combinedFields = 6;

/** The error for an object that is not as it was when the plan was made. */
export function movedError(name: string, reason: string, field?: FieldPath): DriverError {
  return {
    code: 'moved',
    retry: 'terminal',
    message: `\`${name}\` is no longer what was planned: ${reason}`,
    hint: 'plan again, and look at what changed it',
    ...(field === undefined ? {} : { field }),
  };
}

/**
 * The same, for an object that still stands; names what moved. A plan holds only a hash of what it saw, so this looks
 * for the earlier state that has this hash, among those made of the present state, of what was applied last and of the
 * live values that the plan shows in `listed`. Without a match it says nothing rather than guess.
 */
export function describeMove(precondition: Version, now: ObservedResource, listed: readonly FieldDiff[]): DriverError {
  const move = findMove(precondition, now, listed);
  if (!move) return movedError(now.name, 'something else has changed it');
  const parts = move.fields.map(describeField);
  if (move.running !== 'as planned')
    parts.push(move.running === 'started' ? 'it runs now' : 'it does not run any more');
  return movedError(now.name, parts.join(', '), move.fields[0]?.path);
}

function findMove(precondition: Version, now: ObservedResource, listed: readonly FieldDiff[]): Move | undefined {
  const seen = listed.filter((field) => field.origin !== 'change' && field.before !== undefined);
  const basis = withFields(
    now.record.lastApplied,
    Object.fromEntries(seen.map((field) => [field.path, field.before ?? null])),
  );
  const flipped: ObservedResource = { ...now, phase: isRunning(now) ? 'exited' : 'running' };
  for (const fields of combinations(differences(basis, now.live, []))) {
    const live = fields.reduce(revert, now.live);
    if (versionOf({ ...now, live }) === precondition) return { fields, running: 'as planned' };
    if (versionOf({ ...flipped, live }) === precondition) {
      return { fields, running: isRunning(now) ? 'started' : 'stopped' };
    }
  }
  return undefined;
}

function differences(planned: JsonObject, now: JsonObject, above: readonly string[]): readonly MovedField[] {
  const keys = [...new Set([...Object.keys(planned), ...Object.keys(now)])];
  return keys.flatMap((key) => {
    const [before, after, path] = [planned[key], now[key], [...above, key]];
    if (isJsonObject(before) && isJsonObject(after)) return differences(before, after, path);
    return equalJson(before, after) ? [] : [{ path: fieldPath(...path), planned: before, now: after }];
  });
}

function combinations(fields: readonly MovedField[]): readonly (readonly MovedField[])[] {
  if (fields.length > combinedFields) return [[], fields, ...fields.map((field) => [field])];
  return fields.reduce<readonly (readonly MovedField[])[]>(
    (sets, field) => [...sets, ...sets.map((set) => [...set, field])],
    [[]],
  );
}

function revert(live: JsonObject, field: MovedField): JsonObject {
  return field.planned === undefined
    ? without(live, new Set([field.path]))
    : withFields(live, { [field.path]: field.planned });
}

function describeField({ path, planned, now }: MovedField): string {
  const name = `\`${formatFieldPath(path)}\``;
  // What an environment variable holds is the agent's own business, also where it is no declared secret.
  if (fieldSegments(path)[0] === 'environment') return `${name} has changed`;
  return `${name} is ${display(now)} instead of ${display(planned)}`;
}

function display(value: Json | undefined): string {
  return value === undefined ? 'unset' : canonicalJson(value);
}
