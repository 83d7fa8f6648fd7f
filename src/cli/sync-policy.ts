import { isSuspended, type Suspension } from '../apply/suspension.ts';
import type { Project } from '../model/agent.ts';
import type { HoldPolicy } from '../watch/hold.ts';

/** What is known when a run decides what it may do. */
export interface SyncCircumstances extends Pick<HoldPolicy, 'window' | 'failed' | 'quarantined' | 'goesBack'> {
  readonly sync: Project['sync'];
  readonly suspension: Suspension;
  /** A manifest cannot be read. */
  readonly isBroken: boolean;
}

/** What holds changes back, from what the command line, the project and people say; the strictest of them counts. */
export function policyOf(
  options: { readonly heal?: boolean; readonly prune?: boolean },
  { sync, suspension, isBroken, window, failed, quarantined, goesBack }: SyncCircumstances,
): HoldPolicy {
  const prunes = sync.prune && options.prune !== false;
  return {
    isSuspended: (agent) => isSuspended(suspension, agent),
    allSuspended: suspension.all !== undefined,
    window,
    heal: sync.selfHeal && options.heal !== false,
    prune: prunes ? (isBroken ? 'not while broken' : 'yes') : 'no',
    failed,
    quarantined,
    ...(goesBack ? { goesBack } : {}),
  };
}
