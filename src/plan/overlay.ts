import type { FieldPath } from '../model/field-path.ts';
import type { ObservedResource, ObservedState } from '../model/observed.ts';
import { withFields } from '../model/version.ts';
import type { Json } from '../util/json.ts';

/**
 * Puts what the journal knows of in-place updates over the records, which cannot be rewritten. `fields` maps the engine
 * id of every object the journal knows of to the fields it was updated in, none where it was only made: with an entry
 * the planner can tell who moved such a field, without one it has to say `unknown`.
 */
export function overlayRecorded(
  observed: ObservedState,
  fields: ReadonlyMap<string, Readonly<Record<FieldPath, Json>>>,
): ObservedState {
  if (fields.size === 0) return observed;
  const overlay = (object: ObservedResource): ObservedResource => {
    const updated = fields.get(object.ref);
    if (!updated) return object;
    const lastApplied = withFields(object.record.lastApplied, updated);
    return { ...object, record: { ...object.record, lastApplied }, journaled: true };
  };
  return {
    ...observed,
    resources: new Map([...observed.resources].map(([address, objects]) => [address, objects.map(overlay)])),
  };
}
