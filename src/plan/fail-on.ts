import type { Address } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Change, Plan } from '../model/plan.ts';
import type { SourceRange } from '../model/source.ts';
import type { GoingOn } from './quarantine-guard.ts';

/** What a plan can hold that somebody may want to forbid, and the words for it after "the plan would". */
export const planFeatures = {
  create: 'create',
  start: 'start',
  update: 'update in place',
  replace: 'replace',
  destroy: 'delete',
  drift: 'undo what was changed outside aac at',
  'data-loss': 'lose the data of',
  quarantined: 'go on with',
} as const;

/** One of {@link planFeatures}. */
export type PlanFeature = keyof typeof planFeatures;

const shownResources = 8;

/** An error for each forbidden thing that the plan holds, at the line that causes the first of it. */
export function checkFeatures(
  plan: Pick<Plan, 'changes' | 'drift'>,
  forbidden: ReadonlySet<PlanFeature> = new Set(),
  ongoing: readonly GoingOn[] = [],
): readonly Diagnostic[] {
  return (Object.keys(planFeatures) as readonly PlanFeature[])
    .filter((feature) => forbidden.has(feature))
    .flatMap((feature) => {
      const found = holdersOf(plan, feature, ongoing);
      if (found.length === 0) return [];
      return [feature === 'quarantined' ? explained(refusal(feature, found), ongoing) : refusal(feature, found)];
    });
}

/** The refusal of what is in quarantine, with the reasons that it is. */
function explained(refused: Diagnostic, ongoing: readonly GoingOn[]): Diagnostic {
  const reasons = [...new Set(ongoing.map(({ why }) => why))];
  return {
    ...refused,
    message: `${refused.message}: ${reasons.join(', ')}`,
    hint: 'change its manifest, or go back with `aac rollback`; who means it applies without `--fail-on quarantined`',
  };
}

interface Holder {
  readonly address: Address;
  readonly source?: SourceRange;
}

function holdersOf(
  { changes, drift }: Pick<Plan, 'changes' | 'drift'>,
  feature: PlanFeature,
  ongoing: readonly GoingOn[],
): readonly Holder[] {
  if (feature === 'drift') return drift;
  if (feature === 'quarantined') {
    const those = new Set(ongoing.map(({ address }) => address));
    return changes.filter(({ address }) => those.has(address));
  }
  return changes.filter((change) => holds(change, feature));
}

function holds({ action, approval }: Change, feature: Exclude<PlanFeature, 'drift' | 'quarantined'>): boolean {
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
