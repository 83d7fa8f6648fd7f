import type { FieldPath } from './field-path.ts';
import type { NodeId, Plan, PlanNode } from './plan.ts';
import type { SourceRange } from './source.ts';

/** How a driver's call failed. Programs match `code`, people read `message`. */
export interface DriverError {
  readonly code:
    | 'unreachable'
    | 'not-found'
    | 'conflict'
    | 'denied'
    | 'invalid'
    | 'exhausted'
    | 'not-ready'
    | 'timeout'
    /** The object is no longer the one that was planned for. */
    | 'moved'
    | 'aborted'
    | 'internal';
  /** Whether trying again can help. */
  readonly retry: 'transient' | 'terminal';
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The field at fault, where it is known. */
  readonly field?: FieldPath;
  /** Where that field is written. */
  readonly source?: SourceRange;
  /** More lines worth showing, such as the end of the agent's log. */
  readonly details?: readonly string[];
  /** What a shell would end with, of a command that could not be run: 126 not executable, 127 not found. */
  readonly exitCode?: 126 | 127;
}

/** How one node ended. `elapsed` in milliseconds. */
export type Outcome =
  | { readonly status: 'succeeded'; readonly elapsed: number; readonly attempts: number }
  | { readonly status: 'failed'; readonly elapsed: number; readonly attempts: number; readonly error: DriverError }
  /** `blockedBy` is the node whose failure is the root of it. */
  | { readonly status: 'skipped'; readonly blockedBy: NodeId }
  /** Nothing was begun: the apply was interrupted or told to fail fast. */
  | { readonly status: 'not-started' }
  /** Begun, and cut off by the second Ctrl-C: what became of it is not known. */
  | { readonly status: 'cancelled'; readonly elapsed: number };

/** One line of the ledger. */
export interface NodeReport {
  readonly node: PlanNode;
  readonly outcome: Outcome;
}

/** What an apply did, in plan order. */
export interface ApplyReport {
  readonly status: 'succeeded' | 'failed' | 'interrupted';
  readonly plan: Plan;
  readonly nodes: readonly NodeReport[];
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly elapsed: number;
}
