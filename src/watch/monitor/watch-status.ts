import type { Address } from '../../model/address.ts';
import { assertNever } from '../../util/assert-never.ts';
import type { RolledBackAgent } from '../../apply/watch-notes.ts';
import type { WatchEvent } from '../watch-event.ts';

/** How a run ended. */
export interface FinishedRun {
  readonly run: string;
  readonly status: 'reconciled' | 'failed';
  /** ISO 8601, UTC: when it ended. */
  readonly at: string;
  /** Milliseconds. */
  readonly elapsed: number;
  readonly message?: string;
}

/** Where a watch stands, as `/status` tells it. */
export interface WatchStatus {
  /** The run that goes on at the moment, and why. */
  readonly running?: { readonly run: string; readonly reasons: readonly string[] };
  readonly last?: FinishedRun;
  /** A run has ended well since the watch began. */
  readonly synced: boolean;
  readonly runs: { readonly reconciled: number; readonly failed: number };
  /** Changes that are held back. */
  readonly pending: number;
  /** What has moved and is not put right yet. */
  readonly drifted: readonly Address[];
  readonly unhealthy: readonly Address[];
  readonly gaveUp: readonly { readonly address: Address; readonly because: string }[];
  /** Agents that are not as their manifests say, since the rollout of those failed. */
  readonly rolledBack: readonly RolledBackAgent[];
  readonly waitingForWindow?: { readonly until?: string; readonly addresses: readonly Address[] };
}

/** A watch that has only begun. */
export const begun: WatchStatus = {
  synced: false,
  runs: { reconciled: 0, failed: 0 },
  pending: 0,
  drifted: [],
  unhealthy: [],
  gaveUp: [],
  rolledBack: [],
};

/** The status after an event; `now` in milliseconds since the epoch. */
export function advanceStatus(status: WatchStatus, event: WatchEvent, now: number): WatchStatus {
  const { running: _running, ...unfinished } = status;
  const { waitingForWindow: _waiting, ...rest } = unfinished;
  const at = new Date(now).toISOString();
  switch (event.type) {
    case 'run-started':
      return { ...status, running: { run: event.run, reasons: event.reasons } };
    case 'reconciled':
      return {
        ...(event.pending === 0 ? rest : unfinished),
        ...finished(status, { run: event.run, status: 'reconciled', at, elapsed: event.elapsed }),
        synced: true,
        pending: event.pending,
        rolledBack: event.rolledBack ?? [],
      };
    case 'failed': {
      const { run, elapsed, message, rolledBack = status.rolledBack } = event;
      return { ...unfinished, ...finished(status, { run, status: 'failed', at, elapsed, message }), rolledBack };
    }
    case 'drift':
      return { ...status, drifted: event.drift.map(({ address }) => address) };
    case 'healed':
      return { ...status, drifted: status.drifted.filter((address) => !event.addresses.includes(address)) };
    case 'unhealthy':
      return { ...status, unhealthy: [...without(status.unhealthy, event.address), event.address] };
    case 'healthy':
      return { ...status, unhealthy: without(status.unhealthy, event.address) };
    case 'restarted':
      return { ...status, gaveUp: status.gaveUp.filter(({ address }) => address !== event.address) };
    case 'gave-up': {
      const others = status.gaveUp.filter(({ address }) => address !== event.address);
      return { ...status, gaveUp: [...others, { address: event.address, because: event.because }] };
    }
    case 'suspended':
    case 'scaled':
    case 'rolled-back':
    case 'dependency-unwell':
      return status;
    case 'waiting-for-window': {
      const { until, addresses } = event;
      const when = until === undefined ? {} : { until: new Date(until).toISOString() };
      return { ...status, waitingForWindow: { ...when, addresses } };
    }
    default:
      return assertNever(event);
  }
}

function finished({ runs }: WatchStatus, last: FinishedRun): Pick<WatchStatus, 'last' | 'runs'> {
  return { last, runs: { ...runs, [last.status]: runs[last.status] + 1 } };
}

function without(addresses: readonly Address[], address: Address): readonly Address[] {
  return addresses.filter((each) => each !== address);
}
