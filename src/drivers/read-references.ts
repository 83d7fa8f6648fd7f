import { randomBytes } from 'node:crypto';
import type { FieldPath } from '../model/field-path.ts';
import type { DriverError } from '../model/outcome.ts';
import {
  fingerprint,
  formatReference,
  valueForField,
  type Fingerprint,
  type References,
  type ValueReader,
} from '../model/reference.ts';
import { formatFieldPath } from '../model/field-path.ts';
import { err, ok, type Result } from '../util/result.ts';

/** The values behind references, by field: to be handed to the agent, never written to a record. */
export type ReferencedValues = ReadonlyMap<FieldPath, string>;

/** Reads the value of every field that is a reference; the error names the first that has none. */
export async function readReferences(
  references: References,
  reader: ValueReader,
): Promise<Result<ReferencedValues, DriverError>> {
  const read = await Promise.all(
    [...references].map(async ([field, reference]) => ({ field, reference, value: await reader.read(reference) })),
  );
  const values = new Map<FieldPath, string>();
  for (const { field, reference, value } of read) {
    if (value === undefined) return err(noValue(field, formatReference(reference)));
    values.set(field, valueForField(field, reference, value));
  }
  return ok(values);
}

/** Fingerprints of values, each under a salt of its own. */
export function fingerprintsOf(values: ReferencedValues): Readonly<Record<FieldPath, Fingerprint>> {
  return Object.fromEntries(
    [...values].map(([field, value]) => [field, fingerprint(randomBytes(16).toString('hex'), value)]),
  );
}

function noValue(field: FieldPath, reference: string): DriverError {
  return {
    code: 'invalid',
    retry: 'terminal',
    message: `\`${formatFieldPath(field)}\`: there is no value for \`${reference}\``,
    hint: 'set it where the reference points to, then apply again',
    field,
  };
}
