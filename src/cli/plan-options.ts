import type { DeleteLimit } from '../model/delete-limit.ts';
import type { PlanFeature } from '../plan/fail-on.ts';
import type { PlanRequest } from '../runtime/plan-workspace.ts';

/** The options of `plan` and `apply` that say which plan to make. */
export interface PlanningOptions {
  readonly target?: readonly string[];
  readonly exclude?: readonly string[];
  readonly replace?: readonly string[];
  readonly waitTimeout?: number;
  readonly secrets: 'read' | 'unchanged';
  readonly maxDelete?: DeleteLimit;
  readonly allowDelete: boolean;
  readonly failOn?: readonly PlanFeature[];
}

/** What a saved plan cannot take any more: it does exactly what it says. */
export const planningOptionNames = [
  'target',
  'exclude',
  'replace',
  'waitTimeout',
  'maxDelete',
  'failOn',
] as const satisfies readonly (keyof PlanningOptions)[];

/** The request that the options make. */
export function planRequestOf(options: PlanningOptions): PlanRequest {
  return {
    secrets: options.secrets,
    allowDelete: options.allowDelete,
    ...(options.target ? { targets: options.target } : {}),
    ...(options.exclude ? { exclude: options.exclude } : {}),
    ...(options.replace ? { replace: options.replace } : {}),
    ...(options.waitTimeout === undefined ? {} : { waitTimeout: options.waitTimeout }),
    ...(options.maxDelete ? { maxDelete: options.maxDelete } : {}),
    ...(options.failOn ? { failOn: options.failOn } : {}),
  };
}
