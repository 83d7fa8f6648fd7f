import { fieldPath, fieldSegments } from '../../model/field-path.ts';
import type { DriverError } from '../../model/outcome.ts';
import { isReference, type ValueReader } from '../../model/reference.ts';
import type { AgentSpec } from '../../model/spec.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { referencesOf } from '../compile.ts';
import { readReferences, type ReferencedValues } from '../read-references.ts';
import { failure } from './failure.ts';

/** What a process is given of values. Nothing of it goes into a record; only secrets go to files, their own. */
export interface ReadValues {
  readonly environment: Readonly<Record<string, string>>;
  /** Name → content. */
  readonly secrets: Readonly<Record<string, string>>;
  /** All that stands behind references. */
  readonly referenced: ReferencedValues;
}

/** An agent's variables and secrets with the values behind their references. */
export async function readValues(spec: AgentSpec, reader: ValueReader): Promise<Result<ReadValues, DriverError>> {
  const read = await readReferences(referencesOf(spec), reader);
  if (!read.ok) return read;
  const referenced = read.value;
  for (const [field, value] of referenced) {
    const [section, name = ''] = fieldSegments(field);
    if (section === 'environment' && value.includes('\0')) {
      return err(failure('invalid', `the value of environment variable \`${name}\` holds a NUL`, { field }));
    }
  }
  const environment = Object.entries(spec.environment).map(([name, written]) => {
    return [name, isReference(written) ? (referenced.get(fieldPath('environment', name)) ?? '') : written] as const;
  });
  const secrets = Object.keys(spec.secrets ?? {}).map((name) => {
    return [name, referenced.get(fieldPath('secrets', name, 'reference')) ?? ''] as const;
  });
  return ok({ environment: Object.fromEntries(environment), secrets: Object.fromEntries(secrets), referenced });
}
