import type { DriverError } from '../../model/outcome.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { Answer } from './engine.ts';

type Values<T extends readonly Result<unknown, DriverError>[]> = {
  readonly [K in keyof T]: Extract<T[K], { readonly ok: true }>['value'];
};

/** The values of all results, or the first error among them. */
export function allValues<const T extends readonly Result<unknown, DriverError>[]>(
  ...results: T
): Result<Values<T>, DriverError> {
  const values: unknown[] = [];
  for (const result of results) {
    if (!result.ok) return err(result.error);
    values.push(result.value);
  }
  return ok(values as Values<T>);
}

/** Asks for each item, all at once; the answers in their order, or the first failure among them. */
export async function askEach<T, U>(items: readonly T[], ask: (item: T) => Answer<U>): Answer<readonly U[]> {
  return allValues(...(await Promise.all(items.map(ask))));
}

/** An answer with its value converted. */
export async function mapAnswer<T, U>(answer: Answer<T>, convert: (value: T) => U): Answer<U> {
  const found = await answer;
  return found.ok ? ok(convert(found.value)) : found;
}
