import type { Address, ResourceKind } from '../model/address.ts';
import type { DriverName } from '../model/agent.ts';
import type { FieldPath } from '../model/field-path.ts';
import type { ApplyReport, DriverError, Outcome } from '../model/outcome.ts';
import type { Call, ChangeAction, Plan, PlanNode, Wait } from '../model/plan.ts';
import type { Revision, RevisionOrigin } from '../model/revision.ts';
import type { Json } from '../util/json.ts';

/** An apply has begun: what of, and from where. */
export interface ApplyStarted {
  readonly type: 'apply-started';
  /** ISO 8601, UTC; of every entry. */
  readonly at: string;
  readonly digest: string;
  /** The absolute directory that is recorded on what is made. */
  readonly directory: string;
  readonly command: string;
  /** Every driver that it calls: should it be cut off, they may hold something that no later entry tells of. */
  readonly drivers: readonly DriverName[];
  /** Absent where it had nothing to do. */
  readonly origin?: RevisionOrigin;
  /** How many resources each action was planned for. */
  readonly changes?: Revision['changes'];
}

/** A node that was begun has ended. Holds no value that a reference stands for, and no message either. */
export interface NodeFinished {
  readonly type: 'node-finished';
  readonly at: string;
  readonly address: Address;
  readonly verb: (Call | Wait)['verb'];
  readonly driver: DriverName;
  readonly kind: ResourceKind;
  readonly name: string;
  readonly generation: number;
  readonly status: Exclude<Outcome['status'], 'skipped' | 'not-started'>;
  readonly ref?: string;
  /** What an update has set in place. */
  readonly fields?: Readonly<Record<FieldPath, Json>>;
  readonly code?: DriverError['code'];
}

/** An apply has come to its end; one that was killed has no such entry. */
export interface ApplyFinished {
  readonly type: 'apply-finished';
  readonly at: string;
  readonly status: ApplyReport['status'];
}

/** An object that aac has let go of. */
export type ForgottenObject = Pick<NodeFinished, 'address' | 'driver' | 'kind' | 'name'> & { readonly ref: string };

/** Somebody had aac let go of objects, or of all that it may have with a driver; nothing was touched. */
export interface Forgotten {
  readonly type: 'forgotten';
  readonly at: string;
  readonly driver?: DriverName;
  readonly objects?: readonly ForgottenObject[];
}

/** What is worth remembering of an apply, and beside applies. */
export type JournalEvent = ApplyStarted | NodeFinished | ApplyFinished | Forgotten;

/** An event as it stands in the journal: with the apply it belongs to, and the first of each also with who began it. */
export type JournalEntry =
  | (ApplyStarted & { readonly apply: string; readonly user: string; readonly host: string; readonly pid: number })
  | (Forgotten & { readonly apply: string; readonly user: string; readonly host: string; readonly pid: number })
  | (NodeFinished & { readonly apply: string })
  | (ApplyFinished & { readonly apply: string });

/** The event of a plan that is begun at `at`, milliseconds since the epoch. */
export function applyStarted(
  plan: Plan,
  { directory, command, origin }: Pick<ApplyStarted, 'directory' | 'command' | 'origin'>,
  at: number,
): ApplyStarted {
  return {
    type: 'apply-started',
    at: isoTime(at),
    digest: plan.digest,
    directory,
    command,
    drivers: [...new Set(plan.nodes.map((node) => node.step.driver))].sort(),
    ...(origin ? { origin, changes: countChanges(plan) } : {}),
  };
}

function countChanges({ changes }: Plan): Revision['changes'] {
  const counts: Partial<Record<ChangeAction, number>> = {};
  for (const { action } of changes) if (action !== 'no-op') counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}

/** The event of a node that has ended; `undefined` for one that was never begun. */
export function nodeFinished(
  { step }: PlanNode,
  outcome: Outcome,
  ref: string | undefined,
  at: number,
): NodeFinished | undefined {
  if (outcome.status === 'skipped' || outcome.status === 'not-started') return undefined;
  return {
    type: 'node-finished',
    at: isoTime(at),
    address: step.address,
    verb: step.verb,
    driver: step.driver,
    kind: step.kind,
    name: step.target.name,
    generation: step.target.generation,
    status: outcome.status,
    ...(ref === undefined ? {} : { ref }),
    ...(step.verb === 'update' ? { fields: step.fields } : {}),
    ...(outcome.status === 'failed' ? { code: outcome.error.code } : {}),
  };
}

/** The event of the end of an apply. */
export function applyFinished(report: ApplyReport): ApplyFinished {
  return { type: 'apply-finished', at: isoTime(report.startedAt + report.elapsed), status: report.status };
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
