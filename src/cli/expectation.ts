import { resolve } from 'node:path';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Plan } from '../model/plan.ts';
import { describePlanDifference } from '../report/plan-difference.ts';
import { keptPlan } from '../runtime/kept-plans.ts';
import { loadPlan } from '../runtime/saved-plan.ts';
import { ok, type Result } from '../util/result.ts';

/** How the command line names the plan that was approved. */
export interface ExpectationOptions {
  readonly expect?: string;
  readonly expectPlan?: string;
}

/** The plan that was approved: its digest, and what it says where that is known here. */
export interface Expectation {
  readonly digest: string;
  readonly plan?: Plan;
}

/** Reads what was approved; `undefined` where nothing is expected. */
export async function readExpectation(
  { expect, expectPlan }: ExpectationOptions,
  { stateFolder, cwd }: { readonly stateFolder: string; readonly cwd: string },
): Promise<Result<Expectation | undefined, readonly Diagnostic[]>> {
  if (expectPlan !== undefined) {
    const loaded = await loadPlan(resolve(cwd, expectPlan));
    if (!loaded.ok) return loaded;
    const { plan } = loaded.value;
    return ok({ digest: expect ?? plan.digest, ...(expect === undefined || expect === plan.digest ? { plan } : {}) });
  }
  if (expect === undefined) return ok(undefined);
  const plan = await keptPlan(stateFolder, expect);
  return ok({ digest: expect, ...(plan ? { plan } : {}) });
}

/** Why a plan is not the approved one, resource by resource where that can be said; empty when it is. */
export function judgeExpectation(expected: Expectation, now: Plan): readonly Diagnostic[] {
  if (expected.digest === now.digest) return [];
  const known = expected.plan !== undefined;
  return [
    {
      code: 'digest-mismatch',
      severity: 'error',
      message: `the plan has digest \`${now.digest}\`, not \`${expected.digest}\`: it is not the one that was approved`,
      hint: known
        ? 'read below what differs, and approve the new digest if that is right'
        : 'what differs cannot be said, as the approved plan is not known on this machine: name its file with `--expect-plan`',
    },
    ...(expected.plan ? describePlanDifference(expected.plan, now) : []),
  ];
}
