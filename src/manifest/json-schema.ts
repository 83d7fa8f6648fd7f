import * as z from 'zod';
import { isJsonObject, type Json, type JsonObject } from '../util/json.ts';
import { agentSchema } from './schema/agent.ts';
import { projectSchema } from './schema/project.ts';
import type { Path } from './source-tree.ts';

/** The kinds of documents there are. */
export type Kind = 'Agent' | 'Project';

const cache = new Map<Kind, JsonObject>();

/** The JSON Schema (draft 2020-12) of what people write in a document of `kind`. */
export function manifestJsonSchema(kind: Kind): JsonObject {
  let schema = cache.get(kind);
  if (!schema) {
    schema = z.toJSONSchema(kind === 'Agent' ? agentSchema : projectSchema, { io: 'input' }) as Json as JsonObject;
    cache.set(kind, schema);
  }
  return schema;
}

/** The keys that a map at `path` may have; empty where any key goes. */
export function knownKeys(kind: Kind, path: Path): readonly string[] {
  return schemasAt(manifestJsonSchema(kind), path).flatMap((schema) => Object.keys(members(schema, 'properties')));
}

/** Where else a key of that name may stand, as paths without list indices, the shortest first. */
export function placesOf(kind: Kind, key: string): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  const visit = (schema: JsonObject, path: readonly string[]): void => {
    for (const [name, child] of Object.entries(members(schema, 'properties'))) {
      if (name === key) found.push([...path, name]);
      if (isJsonObject(child)) visit(child, [...path, name]);
    }
    for (const branch of branches(schema)) visit(branch, path);
    if (isJsonObject(schema.items)) visit(schema.items, path);
  };
  visit(manifestJsonSchema(kind), []);
  return found.sort((left, right) => left.length - right.length);
}

function schemasAt(schema: JsonObject, [head, ...rest]: Path): readonly JsonObject[] {
  const alternatives = branches(schema);
  if (alternatives.length > 0) {
    return alternatives.flatMap((branch) => schemasAt(branch, head === undefined ? [] : [head, ...rest]));
  }
  if (head === undefined) return [schema];
  const child =
    typeof head === 'number' ? schema.items : (members(schema, 'properties')[head] ?? schema.additionalProperties);
  return isJsonObject(child) ? schemasAt(child, rest) : [];
}

function branches(schema: JsonObject): readonly JsonObject[] {
  return Array.isArray(schema.anyOf) ? (schema.anyOf as readonly Json[]).filter(isJsonObject) : [];
}

function members(schema: JsonObject, name: string): JsonObject {
  const value = schema[name];
  return isJsonObject(value) ? value : {};
}
