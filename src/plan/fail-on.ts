import type { Address } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Change, Plan } from '../model/plan.ts';
import type { SourceRange } from '../model/source.ts';

/** What a plan can hold that somebody may want to forbid, and the words for it after "the plan would". */
export const planFeatures = {
  create: 'create',
  start: 'start',
  update: 'update in place',
  replace: 'replace',
  destroy: 'delete',
  drift: 'undo what was changed outside aac at',
  'data-loss': 'lose the data of',
} as const;

/** One of {@link planFeatures}. */
export type PlanFeature = keyof typeof planFeatures;

const shownResources = 8;

/** An error for each forbidden thing that the plan holds, at the line that causes the first of it. */
export function checkFeatures(
  plan: Pick<Plan, 'changes' | 'drift'>,
  forbidden: ReadonlySet<PlanFeature> = new Set(),
): readonly Diagnostic[] {
  return (Object.keys(planFeatures) as readonly PlanFeature[])
    .filter((feature) => forbidden.has(feature))
    .flatMap((feature) => {
      const found = holdersOf(plan, feature);
      return found.length === 0 ? [] : [refusal(feature, found)];
    });
}

interface Holder {
  readonly address: Address;
  readonly source?: SourceRange;
}

function holdersOf({ changes, drift }: Pick<Plan, 'changes' | 'drift'>, feature: PlanFeature): readonly Holder[] {
  if (feature === 'drift') return drift;
  return changes.filter((change) => holds(change, feature));
}

function holds({ action, approval }: Change, feature: Exclude<PlanFeature, 'drift'>): boolean {
  switch (feature) {
    case 'destroy':
      return action === 'delete';
    case 'data-loss':
      return action !== 'no-op' && approval?.type === 'data-loss';
    default:
      return action === feature;
  }
}

function refusal(feature: PlanFeature, found: readonly Holder[]): Diagnostic {
  const names = found.slice(0, shownResources).map(({ address }) => `\`${address}\``);
  const rest = found.length - names.length;
  const list = `${names.join(', ')}${rest === 0 ? '' : ` and ${String(rest)} more`}`;
  const [first] = found;
  return {
    code: 'fail-on',
    severity: 'error',
    message: `the plan would ${planFeatures[feature]} ${list}, and \`--fail-on ${feature}\` forbids it`,
    ...(found.length === 1 && first ? { address: first.address } : {}),
    ...(first?.source ? { range: first.source } : {}),
  };
}
