import type { ObservedResource } from '../model/observed.ts';
import type { Supervision } from '../model/supervision.ts';
import type { PlanRequest } from '../runtime/plan-workspace.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { Trigger } from './triggers.ts';
import type { WatchEvent } from './watch-event.ts';

/** An agent as the supervisor saw it last, and what it remembers of it. */
export interface Supervised {
  readonly agent: ObservedResource;
  readonly supervision: Supervision;
}

/** What a companion may look at while the watch goes on. */
export interface WatchView {
  /** The agents of the workspace that have run at least once. */
  readonly agents: () => readonly Supervised[];
  /** The desired state that is in force; absent until a run could read one. */
  readonly inForce: () => Pick<Workspace, 'reading' | 'desired'> | undefined;
}

/** Works beside the sync loop for as long as it goes on: measures, tells, scales. */
export interface Companion {
  /** What starts a run. */
  readonly trigger?: Trigger;
  /** Added to what each run asks of its plan. */
  readonly request?: () => Pick<PlanRequest, 'exclude' | 'replace' | 'scale'>;
  readonly heard?: (event: WatchEvent) => void;
  /** Works until the signal is aborted; what it throws ends the watch. */
  readonly run?: (signal: AbortSignal) => Promise<void>;
}
