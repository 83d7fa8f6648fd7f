import type { Address, ResourceKind } from '../model/address.ts';
import type { DriverName } from '../model/agent.ts';
import type { DesiredResource, ResourceTemplate } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { ApprovalReason, Cause, ChangeAction, Drift, FieldDiff, ObjectTarget } from '../model/plan.ts';

/** A standing object that has to go, and why. */
export interface Removal {
  readonly object: ObservedResource;
  readonly cause: Cause;
}

/** What is to stand at an address in the end. */
export type BringUp =
  /** A new object. */
  | { readonly type: 'create'; readonly desired: DesiredResource; readonly target: ObjectTarget }
  /** The one that is there, perhaps with other limits, perhaps started. */
  | {
      readonly type: 'keep';
      readonly desired?: DesiredResource;
      readonly object: ObservedResource;
      readonly update: boolean;
      readonly start: boolean;
      /** Its names do not lead to it, and are to. */
      readonly route: boolean;
    }
  | { readonly type: 'nothing' };

/** What is decided for one address, before anything is put in order. */
export interface Decision {
  readonly address: Address;
  readonly kind: ResourceKind;
  readonly driver: DriverName;
  /** Absent: nobody declares it. */
  readonly desired?: DesiredResource;
  /** What asks for fewer replicas, where that is why nobody declares it. */
  readonly shrunk?: ResourceTemplate;
  /** The object that stands for the address until now. */
  readonly current?: ObservedResource;
  readonly bringUp: BringUp;
  readonly removals: readonly Removal[];
  /** The old has to be gone before the new comes, whatever the rollout says: what both stand on is replaced. */
  readonly stopFirst: boolean;
  readonly action: ChangeAction;
  readonly cause: Cause;
  readonly fields: readonly FieldDiff[];
  readonly approval?: ApprovalReason;
  readonly notes: readonly string[];
  readonly drift: readonly Drift[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The decision that leaves everything as it is, and says in one line why. */
export function leaveAsIs(decision: Decision, note: string, approval?: ApprovalReason): Decision {
  const { approval: _, ...rest } = decision;
  return {
    ...rest,
    action: 'no-op',
    bringUp: decision.current
      ? {
          type: 'keep',
          object: decision.current,
          update: false,
          start: false,
          route: false,
          ...(decision.desired ? { desired: decision.desired } : {}),
        }
      : { type: 'nothing' },
    removals: [],
    stopFirst: false,
    notes: [note],
    ...(approval ? { approval } : {}),
  };
}

/** Whether the agent is started by the plan. */
export function isStarted(decision: Decision): boolean {
  const { bringUp } = decision;
  return decision.kind === 'agent' && (bringUp.type === 'create' || (bringUp.type === 'keep' && bringUp.start));
}
