import { randomBytes } from 'node:crypto';
import { fieldPath, type FieldPath } from '../../model/field-path.ts';
import type { DriverError } from '../../model/outcome.ts';
import {
  fingerprint,
  formatReference,
  isReference,
  type Fingerprint,
  type ValueReader,
} from '../../model/reference.ts';
import type { AgentSpec } from '../../model/spec.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { failure } from './failure.ts';

/** The agent's variables with the values behind their references. What it returns never goes to a file. */
export async function readEnvironment(
  environment: AgentSpec['environment'],
  values: ValueReader,
): Promise<Result<Readonly<Record<string, string>>, DriverError>> {
  const read: Record<string, string> = {};
  for (const [name, written] of Object.entries(environment)) {
    const value = isReference(written) ? await values.read(written) : written;
    const field = fieldPath('environment', name);
    if (value === undefined) {
      const what = isReference(written) ? ` (\`${formatReference(written)}\`)` : '';
      return err(failure('invalid', `environment variable \`${name}\`${what} has no value`, { field }));
    }
    if (value.includes('\0')) {
      return err(failure('invalid', `the value of environment variable \`${name}\` holds a NUL`, { field }));
    }
    read[name] = value;
  }
  return ok(read);
}

/** Of the read values, those that stand behind references. */
export function referencedValues(
  environment: AgentSpec['environment'],
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => isReference(environment[name])));
}

/** Fingerprints of the values behind the references of an environment, each under a salt of its own. */
export function fingerprintsOf(values: Readonly<Record<string, string>>): Readonly<Record<FieldPath, Fingerprint>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      fieldPath('environment', name),
      fingerprint(randomBytes(16).toString('hex'), value),
    ]),
  );
}
