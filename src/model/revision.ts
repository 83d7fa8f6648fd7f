import type { Address, TemplateAddress } from './address.ts';
import type { ApplyReport, DriverError, Outcome } from './outcome.ts';
import type { Call, ChangeAction, Wait } from './plan.ts';

/** The state of the checkout that something was applied from. */
export interface GitState {
  readonly commit: string;
  /** There were changes that no commit holds. */
  readonly dirty: boolean;
}

/** A manifest, resolved, as a short hash: another one whenever anything of what an agent runs with changes. */
export type ManifestHash = string;

/** Stands for the hash of an agent that no manifest declares. */
export const undeclaredManifest: ManifestHash = 'undeclared';

/**
 * Why what a revision asked for was not stored when it began: agents were operated on as they stood, it only took away,
 * it was about agents without a manifest, its saved plan did not hold the manifests, or they held a sensitive value.
 */
export type Unstored = 'operation' | 'removal' | 'run' | 'saved-plan' | 'sensitive';

/** Why a revision cannot be returned to: it was not stored, not kept for so long, or what was stored is not there. */
export type Unreturnable = Unstored | 'old' | 'lost';

/** Where an apply came from, for those who read the history later. */
export interface RevisionOrigin {
  /** Counted from 1 within the workspace. */
  readonly revision: number;
  readonly git?: GitState;
  /** The revision that was returned to. */
  readonly rollbackTo?: number;
  /** Absent where what it asked for was stored. */
  readonly unstored?: Unstored;
  /** The manifests of the agents that it touched. */
  readonly manifests: Readonly<Record<TemplateAddress, ManifestHash>>;
  /** Manifests that it turned away from: a watch must not go back to them by itself. */
  readonly abandoned?: Readonly<Record<TemplateAddress, ManifestHash>>;
}

/** One apply that had something to do. */
export interface Revision extends RevisionOrigin {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly finishedAt?: string;
  readonly user: string;
  readonly host: string;
  readonly command: string;
  readonly digest: string;
  readonly directory: string;
  /** How many resources each action was planned for. */
  readonly changes: Readonly<Partial<Record<ChangeAction, number>>>;
  /** `unfinished`: it was killed, or still goes on. */
  readonly status: ApplyReport['status'] | 'unfinished';
  readonly steps: readonly RevisionStep[];
}

/** One step of a revision that was begun. */
export interface RevisionStep {
  readonly at: string;
  readonly address: Address;
  readonly verb: (Call | Wait)['verb'];
  readonly status: Exclude<Outcome['status'], 'skipped' | 'not-started'>;
  readonly code?: DriverError['code'];
}

/** A revision as the history of a workspace lists it. */
export interface RecordedRevision extends Revision {
  /** `aac rollback` can return to it. */
  readonly restorable: boolean;
  /** Why it cannot be returned to; absent where it can. */
  readonly unreturnable?: Unreturnable;
}
