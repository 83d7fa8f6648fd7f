import { assertNever } from '../util/assert-never.ts';
import type { ValueReader, ValueReference } from '../model/reference.ts';
import { interpolate, type Variables } from './interpolate.ts';
import type { ValueSources } from './sources/value-sources.ts';

/** A value behind a reference, and those parts of it that must not be printed. */
export interface RevealedValue {
  readonly value: string;
  readonly sensitive: readonly string[];
}

/**
 * The value behind a reference to variables; `undefined` when there is none. What a manifest gives as a default stands
 * in a file for all to read, so it is not sensitive.
 */
export function reveal(reference: ValueReference, variables: Variables): RevealedValue | undefined {
  switch (reference.from) {
    case 'interpolation': {
      const result = interpolate(reference.template, variables);
      if (!result.ok) return undefined;
      const { text, used } = result.value;
      return { value: text, sensitive: used.length === 0 ? [] : [text, ...used.map((name) => variables[name] ?? '')] };
    }
    case 'env': {
      const value = Object.hasOwn(variables, reference.key) ? variables[reference.key] : undefined;
      if (value !== undefined) return { value, sensitive: [value] };
      return reference.default === undefined ? undefined : { value: reference.default, sensitive: [] };
    }
    case 'secret':
    case 'config':
      return undefined; // not among the variables: their sources say
    default:
      return assertNever(reference);
  }
}

/** Reads references out of `variables` and `sources`; `onRead` hears of every value of a variable that is handed out. */
export function valueReader(
  variables: Variables,
  sources: ValueSources,
  onRead?: (revealed: RevealedValue) => void,
): ValueReader {
  return {
    read: async (reference) => {
      if (reference.from === 'secret' || reference.from === 'config') {
        const found = await sources.read(reference);
        return found.status === 'found' ? found.value : undefined;
      }
      const revealed = reveal(reference, variables);
      if (revealed) onRead?.(revealed);
      return revealed?.value;
    },
  };
}

/** Values without duplicates and without those too short to be looked for, the longest first. */
export function sensitiveValues(values: Iterable<string>): readonly string[] {
  const long = [...new Set(values)].filter((value) => value.length >= 4);
  return long.sort((left, right) => right.length - left.length || (left < right ? -1 : 1));
}
