import { manifestJsonSchema, type Kind } from '../../src/manifest/json-schema.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/util/json.ts';

/** Every field an agent's manifest may have, in its own words and without list indices: `spec.volumes.size`. */
export function agentFields(): readonly string[] {
  return fieldsOf('Agent');
}

/** Every field a document of that kind may have, written as {@link agentFields} has them. */
export function fieldsOf(kind: Kind): readonly string[] {
  const found = new Set<string>();
  const visit = (schema: Json | undefined, path: string): void => {
    if (!isJsonObject(schema)) return;
    const branches = Array.isArray(schema.anyOf) ? (schema.anyOf as readonly Json[]) : [];
    const properties = isJsonObject(schema.properties) ? schema.properties : undefined;
    const items = isJsonObject(schema.items) ? [schema.items] : [];
    if (!properties && !hasMembers(branches) && !hasMembers(items)) found.add(path);
    for (const branch of branches) if (hasMembers([branch])) visit(branch, path);
    for (const item of items) if (hasMembers([item])) visit(item, path);
    for (const [name, member] of Object.entries(properties ?? {}))
      visit(member, path === '' ? name : `${path}.${name}`);
  };
  visit(manifestJsonSchema(kind), '');
  return [...found].sort();
}

/** Whether any of the schemas describes members with names. */
function hasMembers(schemas: readonly Json[]): boolean {
  return schemas.some(
    (schema) =>
      isJsonObject(schema) &&
      (isJsonObject(schema.properties) ||
        hasMembers(Array.isArray(schema.anyOf) ? (schema.anyOf as readonly Json[]) : []) ||
        hasMembers([schema.items as JsonObject])),
  );
}
