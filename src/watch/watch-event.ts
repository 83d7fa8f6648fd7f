import type { RolledBackAgent } from '../apply/watch-notes.ts';
import type { Address } from '../model/address.ts';
import type { Drift } from '../model/plan.ts';

/** What a watch does and meets, for whoever counts, tells or scales. Holds no value that a reference stands for. */
export type WatchEvent =
  | { readonly type: 'run-started'; readonly run: string; readonly reasons: readonly string[] }
  /** A run has ended well; `changed` says what it did, by action. `elapsed` in milliseconds, of every run. */
  | {
      readonly type: 'reconciled';
      readonly run: string;
      readonly elapsed: number;
      readonly changed: Readonly<Record<string, number>>;
      /** Changes that are held back: suspended, outside of a window, waiting for a person or for another try. */
      readonly pending: number;
      readonly rolledBack?: readonly RolledBackAgent[];
    }
  /** A run has ended with something undone; `agents` names those that failed where it is about some of them alone. */
  | {
      readonly type: 'failed';
      readonly run: string;
      readonly elapsed: number;
      readonly message: string;
      readonly agents: readonly { readonly address: Address; readonly message: string }[];
      /** Absent where the run did not get so far as to know. */
      readonly rolledBack?: readonly RolledBackAgent[];
    }
  /** The world has moved; told once until it moves again. `heals`: the run goes on to put it right. */
  | { readonly type: 'drift'; readonly run: string; readonly drift: readonly Drift[]; readonly heals: boolean }
  /** What had drifted is as the manifests say again. */
  | { readonly type: 'healed'; readonly run: string; readonly addresses: readonly Address[] }
  /** What ran before a failed rollout runs again; told once. */
  | ({ readonly type: 'rolled-back'; readonly run: string } & RolledBackAgent)
  | { readonly type: 'unhealthy'; readonly address: Address; readonly message: string }
  | { readonly type: 'healthy'; readonly address: Address }
  /** What depends on an agent that is unhealthy, or restarted no more. */
  | { readonly type: 'dependency-unwell'; readonly address: Address; readonly dependents: readonly Address[] }
  /** By the supervisor, `restarts` times so far. */
  | { readonly type: 'restarted'; readonly address: Address; readonly restarts: number }
  | { readonly type: 'gave-up'; readonly address: Address; readonly because: string }
  /** The autoscaler asks for another number of replicas of an agent. */
  | {
      readonly type: 'scaled';
      readonly agent: string;
      readonly from: number;
      readonly to: number;
      readonly because: string;
    }
  /** Changes that a suspension holds back: told once until others are. */
  | { readonly type: 'suspended'; readonly addresses: readonly Address[] }
  /** Changes that no sync window lets through now; `until` in milliseconds since the epoch, absent when none opens. */
  | { readonly type: 'waiting-for-window'; readonly until?: number; readonly addresses: readonly Address[] };

/** Takes events. Must not throw, and must not keep anybody waiting. */
export type WatchSink = (event: WatchEvent) => void;
