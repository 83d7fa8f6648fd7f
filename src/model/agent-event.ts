import type { Address } from './address.ts';
import type { DriverName } from './agent.ts';
import type { EdgeDecision } from './edge.ts';

/** What happened to one object, as the place that runs it tells. */
export interface DriverEvent {
  readonly type:
    | 'created'
    | 'started'
    /** Its process is over: `exitCode` and `detail` say how, where that is known. */
    | 'ended'
    | 'out-of-memory'
    /** Somebody sent it a signal: `detail` says which. */
    | 'signalled'
    | 'paused'
    | 'resumed'
    /** Limits or its restart policy were changed in place. */
    | 'updated'
    | 'health'
    | 'removed';
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly address: Address;
  /** The object's name, and the engine's id of it. */
  readonly name: string;
  readonly ref: string;
  readonly exitCode?: number;
  readonly health?: 'healthy' | 'unhealthy';
  readonly detail?: string;
}

/** What befell the telling itself: what happened while it was interrupted may be missing. */
export interface DriverNotice {
  readonly type: 'disconnected' | 'reconnected';
  readonly at: number;
  readonly message: string;
}

/** An edge did not let an agent out. */
export interface EgressDenial {
  readonly type: 'egress-denied';
  /** When it was the last time. */
  readonly at: number;
  readonly agent: string;
  /** Where it wanted to go, in its own words; empty where it did not say. */
  readonly host: string;
  readonly port: number;
  readonly via: EdgeDecision['via'];
  readonly reason?: string;
  /** How often: what repeats itself within a minute is told as one. */
  readonly count: number;
}

/** What aac did, as its journal has it, and what a watch made of what it saw. */
export type AacEvent =
  | {
      readonly type: 'apply-started';
      readonly at: number;
      readonly command: string;
      readonly user: string;
      readonly host: string;
    }
  | {
      readonly type: 'step-finished';
      readonly at: number;
      readonly address: Address;
      readonly driver: DriverName;
      readonly name: string;
      readonly verb: string;
      readonly status: 'succeeded' | 'failed' | 'cancelled';
      /** Why it failed. */
      readonly code?: string;
    }
  /** What this agent depends on is unhealthy, or restarted no more. */
  | {
      readonly type: 'dependency-unwell';
      readonly at: number;
      readonly address: Address;
      readonly dependency: Address;
    }
  /** It is restarted no more. */
  | { readonly type: 'gave-up'; readonly at: number; readonly address: Address; readonly because: string }
  /** It runs as revision `to` asked for again, as its rollout failed as revision `failed`. */
  | {
      readonly type: 'rolled-back';
      readonly at: number;
      readonly agent: string;
      readonly to: number;
      readonly failed: number;
    }
  | { readonly type: 'apply-finished'; readonly at: number; readonly status: 'succeeded' | 'failed' | 'interrupted' };

/** Something that happened: told by a driver, or done by aac. */
export type AgentEvent =
  | ({ readonly source: DriverName } & (DriverEvent | DriverNotice | EgressDenial))
  | ({ readonly source: 'aac' } & AacEvent);
