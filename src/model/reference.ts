import { hmac } from '../util/hash.ts';
import { isJsonObject, type Json } from '../util/json.ts';
import type { FieldPath } from './field-path.ts';

/**
 * A value that a spec names without holding it, because it may be secret. It is read when a call is executed, and a
 * label keeps only a {@link Fingerprint} of it.
 */
export type ValueReference =
  /** A text with `${VAR}` in it, read from the caller's environment and the project's env files. */
  | { readonly from: 'interpolation'; readonly template: string }
  /** One variable of the caller's environment. */
  | { readonly from: 'env'; readonly key: string; readonly default?: string }
  /** A key of a secret of the project's secret source. */
  | { readonly from: 'secret'; readonly name: string; readonly key: string }
  /** A key of a config of the project's config source. */
  | { readonly from: 'config'; readonly name: string; readonly key: string };

/** Proof of a value that does not give it away: `digest` is HMAC-SHA-256 of the value under the random `salt`. */
export interface Fingerprint {
  readonly salt: string;
  readonly digest: string;
}

/** How the value behind a reference compares with the one that was applied. */
export type ReferenceState = 'unchanged' | 'changed' | 'unknown';

/** Reads the values behind references; `undefined` when there is none. */
export interface ValueReader {
  /** The value as it is now. */
  read(reference: ValueReference): Promise<string | undefined>;
}

/** The fingerprint of `value` under `salt` (16 random bytes as hex, fresh for every value). */
export function fingerprint(salt: string, value: string): Fingerprint {
  return { salt, digest: hmac(salt, value) };
}

/**
 * What a field is given of the value behind its reference: files end with a line break, the variables of an
 * environment do not.
 */
export function valueForField(path: FieldPath, reference: ValueReference, value: string): string {
  const isKey = reference.from === 'secret' || reference.from === 'config';
  return isKey && path.startsWith('/environment/') ? value.replace(/\r?\n$/, '') : value;
}

/** Whether `value` is the one that was fingerprinted. */
export function matchesFingerprint(recorded: Fingerprint, value: string): boolean {
  return hmac(recorded.salt, value) === recorded.digest;
}

/** Whether a value of a spec is a reference and not a literal. */
export function isReference(value: Json | ValueReference | undefined): value is ValueReference {
  return isJsonObject(value) && typeof (value as { from?: unknown }).from === 'string';
}

/** How people read a reference: the text they wrote, never the value. */
export function formatReference(reference: ValueReference): string {
  switch (reference.from) {
    case 'interpolation':
      return reference.template;
    case 'env':
      return `env ${reference.key}`;
    case 'secret':
    case 'config':
      return `${reference.from} ${reference.name}/${reference.key}`;
  }
}

/** The references of one spec, by field. */
export type References = ReadonlyMap<FieldPath, ValueReference>;
