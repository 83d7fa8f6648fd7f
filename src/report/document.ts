import { compareCodeUnits } from '../util/compare.ts';
import type { Json, JsonObject } from '../util/json.ts';

/** The format of every JSON document and event but the plan, which has its own: minors add, majors break. */
export const reportFormatVersion = '1.0';

/** The keys that say what an object is come first; all others follow by code unit. */
const leading = new Map(
  [
    'formatVersion',
    'type',
    'at',
    'workspace',
    'digest',
    'status',
    'code',
    'severity',
    'id',
    'address',
    'driver',
    'action',
    'verb',
    'message',
    'hint',
  ].map((key, index) => [key, index]),
);

/** A value of readonly fields as JSON with a fixed order of keys; members that are `undefined` are left out. */
export function toDocument(value: object): JsonObject {
  return ordered(value) as JsonObject;
}

function ordered(value: unknown): Json {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value as Json;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([left], [right]) => rank(left) - rank(right) || compareCodeUnits(left, right));
  // fromEntries defines own properties, so a key `__proto__` stays a key
  return Object.fromEntries(members.map(([key, member]) => [key, ordered(member)]));
}

function rank(key: string): number {
  return leading.get(key) ?? leading.size;
}
