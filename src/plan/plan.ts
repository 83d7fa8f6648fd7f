import type { Address } from '../model/address.ts';
import type { DesiredState } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ObservedState } from '../model/observed.ts';
import { planFormatVersion, type Plan } from '../model/plan.ts';
import { compareCodeUnits } from '../util/compare.ts';
import { toChange } from './changes.ts';
import { decideAll } from './decisions.ts';
import { checkDeletions } from './deletion-guard.ts';
import { digestOf } from './digest.ts';
import { checkFeatures } from './fail-on.ts';
import { orderDependencies } from './graph.ts';
import { lower } from './lower.ts';
import type { PlanOptions } from './options.ts';
import { sortByAddress } from './order.ts';
import { checkPorts } from './port-check.ts';
import { preflight } from './preflight.ts';
import { goingOn } from './quarantine-guard.ts';
import { checkQuotas } from './quotas.ts';
import { scopeOf } from './scope.ts';

export type { PlanOptions } from './options.ts';

/**
 * Compares what is asked for with what stands, and says step by step how the one becomes the other. Pure: the same
 * inputs, in whatever order their maps are, give the same plan. With an error among its diagnostics the plan shows what
 * was meant, and must not be applied.
 */
export function plan(desired: DesiredState, observed: ObservedState, options: PlanOptions = {}): Plan {
  const { workspace } = desired;
  const { facts } = observed;
  const scope = scopeOf(desired, observed, options);
  const templates = options.destroy ? new Map<never, never>() : scope.templates;
  const { dependsOn, cycles } = orderDependencies(templates);
  const { decisions, diagnostics } = decideAll(desired, scope, facts, options);
  const { nodes, ...lowered } = lower(decisions, { dependsOn, facts, waitTimeout: options.waitTimeout });
  const changes = decisions.map((decision) => toChange(decision, lowered, facts.get(decision.driver)));
  const drift = decisions.flatMap((decision) => decision.drift);
  const standing = [...scope.passedBy, ...[...scope.objects.values()].flat()];
  return {
    formatVersion: planFormatVersion,
    workspace,
    scope: desired.scope,
    digest: digestOf({ workspace, nodes }),
    changes,
    drift,
    nodes,
    diagnostics: inOrder([
      ...scope.diagnostics,
      ...diagnostics,
      ...preflight(decisions, { templates, declared: desired.templates, facts, cycles }),
      ...checkPorts(decisions, standing, facts),
      ...(options.destroy ? [] : checkQuotas(desired.templates.values(), options.quotas ?? {}, options.project)),
      ...(options.destroy ? [] : checkDeletions(decisions, standing, desired.templates, options.deletions)),
      ...checkFeatures({ changes, drift }, options.failOn, goingOn(decisions, options.quarantine)),
    ]),
  };
}

/** By address, what concerns none first; equal ones by code and message. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const ordered = [...diagnostics].sort(
    (left, right) => compareCodeUnits(left.code, right.code) || compareCodeUnits(left.message, right.message),
  );
  return sortByAddress(ordered, ({ address }) => (address ?? '') as Address);
}
