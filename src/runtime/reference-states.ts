import { templateOf, type Address } from '../model/address.ts';
import type { DesiredState } from '../model/desired.ts';
import type { FieldPath } from '../model/field-path.ts';
import type { ObservedState } from '../model/observed.ts';
import {
  isReference,
  matchesFingerprint,
  valueForField,
  type Fingerprint,
  type ReferenceState,
  type ValueReader,
} from '../model/reference.ts';
import { valueAt } from '../model/field-path.ts';
import type { Json } from '../util/json.ts';

/** For each address, how the values behind the recorded references compare with those that can be read now. */
export type ReferenceStates = ReadonlyMap<Address, ReadonlyMap<FieldPath, ReferenceState>>;

/**
 * Compares values with fingerprints, so that the planner need not see either. A reference whose value cannot be read
 * here is `unknown`. Nothing is read for what nobody declares. Of several objects at one address the newest generation is compared.
 */
export async function referenceStates(
  desired: DesiredState,
  observed: ObservedState,
  values: ValueReader,
): Promise<ReferenceStates> {
  const states = new Map<Address, ReadonlyMap<FieldPath, ReferenceState>>();
  for (const [address, objects] of observed.resources) {
    if (!desired.templates.has(templateOf(address))) continue;
    const newest = [...objects].sort((left, right) => right.record.generation - left.record.generation)[0];
    if (!newest) continue;
    const own = new Map<FieldPath, ReferenceState>();
    for (const [path, recorded] of Object.entries(newest.record.fingerprints)) {
      const reference = valueAt(newest.record.lastApplied, path as FieldPath);
      const value = isReference(reference) ? await values.read(reference) : undefined;
      own.set(path as FieldPath, stateOf(path as FieldPath, recorded, reference, value));
    }
    if (own.size > 0) states.set(address, own);
  }
  return states;
}

function stateOf(
  path: FieldPath,
  recorded: Fingerprint,
  reference: Json | undefined,
  value: string | undefined,
): ReferenceState {
  if (value === undefined || !isReference(reference)) return 'unknown';
  return matchesFingerprint(recorded, valueForField(path, reference, value)) ? 'unchanged' : 'changed';
}
