import type { ApplyReport, DriverError, Outcome } from './outcome.ts';
import type { Plan, PlanNode } from './plan.ts';

/** What happens during an apply, as it happens. Times are milliseconds. */
export type ApplyEvent =
  | { readonly type: 'apply-started'; readonly plan: Plan; readonly at: number }
  | { readonly type: 'node-started'; readonly node: PlanNode; readonly at: number }
  /** A few words on how far a long step is: `pulling 3 of 7 layers`, `health check failed: exit code 1`. */
  | { readonly type: 'node-progress'; readonly node: PlanNode; readonly message: string; readonly at: number }
  | {
      readonly type: 'node-retrying';
      readonly node: PlanNode;
      /** The attempt that failed, counted from 1. */
      readonly attempt: number;
      readonly delay: number;
      readonly error: DriverError;
      readonly at: number;
    }
  | { readonly type: 'node-finished'; readonly node: PlanNode; readonly outcome: Outcome; readonly at: number }
  /** The first Ctrl-C: running calls end, nothing new begins. */
  | { readonly type: 'interrupted'; readonly running: number; readonly at: number }
  | { readonly type: 'apply-finished'; readonly report: ApplyReport; readonly at: number };
