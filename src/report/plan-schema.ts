import { planFormatVersion } from '../model/plan.ts';
import { isJsonObject, type Json, type JsonObject } from '../util/json.ts';
import { planShape } from './plan-shape.ts';

/**
 * The JSON Schema (draft 2020-12) of a plan as `--format json` prints it and `--out` saves it: what this aac reads. A
 * newer minor may have more members, which readers leave alone; another major is another schema.
 */
export function planJsonSchema(): JsonObject {
  const { properties, required } = planShape.schema;
  const [major = ''] = planFormatVersion.split('.');
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A plan of aac',
    type: 'object',
    properties: {
      formatVersion: { type: 'string', pattern: `^${major}\\.\\d+$` },
      ...(isJsonObject(properties) ? properties : {}),
    },
    required: ['formatVersion', ...((required ?? []) as readonly Json[])],
  };
}
