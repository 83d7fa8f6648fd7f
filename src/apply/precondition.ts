import type { ObservedResource } from '../model/observed.ts';
import type { DriverError } from '../model/outcome.ts';
import type { Call, FieldDiff, Plan } from '../model/plan.ts';
import type { Address } from '../model/address.ts';
import { versionOf } from '../model/version.ts';
import { describeMove, movedError } from './moved.ts';

/** What a look at an object right before its first call says about that call. */
export type Verdict =
  | { readonly type: 'proceed' }
  | { readonly type: 'needless' }
  | { readonly type: 'refused'; readonly error: DriverError };

/**
 * Whether `call` may go ahead on the object as it is now. Taking away what is gone already is needless; anything else
 * needs the very state that was planned for.
 */
export function judgePrecondition(
  call: Call,
  precondition: string,
  now: ObservedResource | undefined,
  listed: () => readonly FieldDiff[],
): Verdict {
  if (!now) {
    if (call.verb === 'remove' || call.verb === 'stop' || call.verb === 'unroute') return { type: 'needless' };
    return { type: 'refused', error: movedError(call.target.name, 'it is gone') };
  }
  if (versionOf(now) === precondition) return { type: 'proceed' };
  return { type: 'refused', error: describeMove(precondition, now, listed()) };
}

/** The fields that a plan shows for an address. */
export function listedFields(plan: Plan, address: Address): readonly FieldDiff[] {
  return [...plan.changes, ...plan.drift].filter((entry) => entry.address === address).flatMap((entry) => entry.fields);
}
