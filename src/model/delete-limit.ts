import { err, ok, type Result } from '../util/result.ts';
import type { UnitError } from './unit-error.ts';

/** How many agents one plan may delete: so many, or a share of those that stand. */
export type DeleteLimit = { readonly count: number } | { readonly percent: number };

/** Reads `3` or `20%`. */
export function parseDeleteLimit(text: string): Result<DeleteLimit, UnitError> {
  const [, digits, sign] = /^(\d+)(%?)$/.exec(text) ?? [];
  if (digits === undefined) return err({ message: `\`${text}\` is no number`, hint: 'write it like `3` or `20%`' });
  if (sign === '') return ok({ count: Number(digits) });
  return Number(digits) <= 100 ? ok({ percent: Number(digits) }) : err({ message: `\`${text}\` is more than all` });
}

/** The limit as it is written. */
export function formatDeleteLimit(limit: DeleteLimit): string {
  return 'count' in limit ? String(limit.count) : `${String(limit.percent)}%`;
}
