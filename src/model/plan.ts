import type { Brand } from '../util/brand.ts';
import type { Json, JsonObject } from '../util/json.ts';
import type { Address, ResourceKind, TemplateAddress } from './address.ts';
import type { DriverName, Scope } from './agent.ts';
import type { SpecHash } from './desired.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { FieldPath } from './field-path.ts';
import type { Version } from './observed.ts';
import type { SourceRange } from './source.ts';
import type { HealthCheck } from './spec.ts';

/** The format of a saved plan: an unknown minor is read, an unknown major refused. */
export const planFormatVersion = '1.0';

/** What is going to happen to one resource. A plan of manifests never stops or restarts: people ask for that by name. */
export type ChangeAction = 'no-op' | 'create' | 'update' | 'replace' | 'delete' | 'start' | 'stop' | 'restart';

/** Why. Each variant reads as the end of "because". */
export type Cause =
  /** The manifest declares it and it has never been applied. */
  | { readonly type: 'declared' }
  /** No manifest declares it any more. */
  | {
      readonly type: 'undeclared';
      /** The manifest that did, relative to the project's root. */ readonly manifest?: string;
    }
  /** It was asked for on the command line: `destroy`, `--replace`. */
  | { readonly type: 'requested' }
  /** The manifest moved. */
  | { readonly type: 'changed' }
  /** The world moved. */
  | { readonly type: 'drifted' }
  /** Live differs from the manifest, and what was applied last is not known well enough to say who moved. */
  | { readonly type: 'unknown' }
  /** It was applied before and is gone. */
  | { readonly type: 'missing' }
  /** `detail` in the driver's own words, such as `memory limit`. */
  | { readonly type: 'not-running'; readonly phase: string; readonly exitCode?: number; readonly detail?: string }
  /** The tag names another image than the one it runs. */
  | { readonly type: 'image-moved'; readonly image: string }
  /** The value behind a reference is another one; the field says which. */
  | { readonly type: 'reference-changed' }
  /** It runs, and its names do not lead to it: a rollout was cut short, or somebody took them away. */
  | { readonly type: 'unrouted' }
  /** Something it stands on is replaced. */
  | { readonly type: 'dependency-replaced'; readonly dependency: Address }
  /** It moves to another driver. */
  | { readonly type: 'driver-changed'; readonly from: DriverName; readonly to: DriverName }
  /** Left over from a rollout that was cut short. */
  | { readonly type: 'superseded' }
  /** The number of replicas went up. */
  | { readonly type: 'scaled-up' }
  /** The number of replicas went down. */
  | { readonly type: 'scaled-down' }
  /** An autoscaler changed the number of replicas; `because` says of which load, as in `cpu 85 % of 70 %`. */
  | { readonly type: 'scaled'; readonly from: number; readonly to: number; readonly because: string };

/** One field that differs. Values are display values: a reference stands for itself, never for what it holds. */
export interface FieldDiff {
  readonly path: FieldPath;
  /** Who moved: the manifest, the world, or nobody can tell. */
  readonly origin: 'change' | 'drift' | 'unknown';
  readonly before?: Json;
  readonly after?: Json;
  readonly forcesReplacement: boolean;
  readonly source?: SourceRange;
}

/** Why a person has to agree to a change beyond agreeing to the plan. */
export type ApprovalReason =
  { readonly type: 'protected' } | { readonly type: 'data-loss' } | { readonly type: 'rerun' };

/** One resource's share of the plan, for people. Nothing of it influences apply. */
export interface Change {
  readonly address: Address;
  readonly driver: DriverName;
  readonly action: ChangeAction;
  readonly cause: Cause;
  readonly fields: readonly FieldDiff[];
  readonly approval?: ApprovalReason;
  /** The manifest line that causes it. */
  readonly source?: SourceRange;
  /** What else is worth a line, such as `open to the network: 8080/tcp`. */
  readonly notes: readonly string[];
}

/** What the world did to one resource since the last apply. */
export interface Drift {
  readonly address: Address;
  readonly driver: DriverName;
  readonly type: 'missing' | 'fields' | 'not-running' | 'image-moved';
  readonly fields: readonly FieldDiff[];
}

/** `create agent/web/0`: what the node does, so equal plans have equal ids. */
export type NodeId = Brand<string, 'NodeId'>;

/** The object a call is about. `ref` is known for what stood when the plan was made; it is checked, not digested. */
export interface ObjectTarget {
  readonly name: string;
  readonly generation: number;
  readonly ref?: string;
  /** The workspace it was made in, for what stood when the plan was made: a renamed project takes down its old objects. */
  readonly workspace?: string;
  /** The address it was made at, where its agent has been renamed since. */
  readonly address?: Address;
}

/** The object that a call is about, and who makes it. */
export interface CallBase {
  readonly address: Address;
  readonly driver: DriverName;
  readonly kind: ResourceKind;
  readonly target: ObjectTarget;
}

/** What a `create` needs besides its target. */
export interface CreateCall extends CallBase {
  readonly verb: 'create';
  readonly spec: JsonObject;
  readonly specHash: SpecHash;
  readonly dependsOn: readonly TemplateAddress[];
  readonly protect: boolean;
  readonly manifest: string;
  /** Without the names that it shares with others which serve already: a `route` gives them once it is ready. */
  readonly unrouted?: true;
}

/** One engine call. Every one is safe to repeat. */
export type Call =
  | (CallBase & { readonly verb: 'pull'; readonly image: string })
  | CreateCall
  /** Sets all fields that change in place: field → value. */
  | (CallBase & { readonly verb: 'update'; readonly fields: Readonly<Record<FieldPath, Json>> })
  | (CallBase & { readonly verb: 'start' })
  /** Has the names of the agent lead to this object too; `unroute` takes it out of them again, and cuts nothing off. */
  | (CallBase & { readonly verb: 'route' })
  | (CallBase & { readonly verb: 'unroute' })
  /** Milliseconds between the stop signal and the kill. */
  | (CallBase & { readonly verb: 'stop'; readonly gracePeriod: number })
  | (CallBase & { readonly verb: 'remove' });

/** Something to wait for; polled by apply, holds no slot. */
export interface Wait extends CallBase {
  readonly verb: 'wait';
  /**
   * `started`: it still runs a moment after its start, or has ended well where it is not to run again. `drained`: whoever
   * was led to it by name a moment ago has reached it.
   */
  readonly until: 'started' | 'ready' | 'completed' | 'drained';
  /** Absent: running is ready. */
  readonly check?: HealthCheck;
  /** Milliseconds it has to stay ready; that it is given to drain. */
  readonly minReady: number;
  /** Milliseconds, from the moment the wait begins. */
  readonly deadline: number;
}

/** One step of the machine's plan. It starts when all of `dependsOn` have succeeded. */
export interface PlanNode {
  readonly id: NodeId;
  readonly step: Call | Wait;
  readonly cause: Cause;
  readonly dependsOn: readonly NodeId[];
  /** On the first node that touches an object that stood: the version it must still have. */
  readonly precondition?: Version;
}

/** What is to be done, for people (`changes`, `drift`, `diagnostics`) and for the machine (`nodes`). */
export interface Plan {
  readonly formatVersion: typeof planFormatVersion;
  readonly workspace: string;
  readonly scope: Scope;
  /** The engine that the project names; checked by no digest, as another machine may reach its own. */
  readonly docker?: { readonly host: string };
  /** SHA-256 over canonical nodes without causes and refs: equal plans, equal digests, on any machine. */
  readonly digest: string;
  /** Ordered by address; `no-op` included. */
  readonly changes: readonly Change[];
  readonly drift: readonly Drift[];
  readonly nodes: readonly PlanNode[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether carrying the plan out would do anything. */
export function isEmptyPlan(plan: Plan): boolean {
  return plan.nodes.length === 0;
}
