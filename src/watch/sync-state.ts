import { assertNever } from '../util/assert-never.ts';

/**
 * When the next run of the sync loop is due. Level-triggered: whatever happened sets one dirty bit, and a run reads
 * everything anew.
 *
 *   idle ──trigger──▶ debouncing ──quiet──▶ running ──done──▶ idle
 *                        ▲  │ trigger            │ trigger
 *                        └──┘                    ▼
 *                     debouncing ◀──done────── queued
 *
 *   any state ──stop──▶ stopped
 */
export type SyncState =
  | { readonly type: 'idle' }
  | { readonly type: 'debouncing'; readonly reasons: readonly string[] }
  | { readonly type: 'running' }
  | { readonly type: 'queued'; readonly reasons: readonly string[] }
  | { readonly type: 'stopped' };

/** What happens to the loop. `quiet`: nothing triggered for as long as the debounce is. */
export type SyncEvent =
  | { readonly type: 'trigger'; readonly reason: string }
  | { readonly type: 'quiet' }
  | { readonly type: 'done' }
  | { readonly type: 'stop' };

/** The state after one more event. An event that means nothing in a state changes nothing. */
export function advanceSync(state: SyncState, event: SyncEvent): SyncState {
  switch (event.type) {
    case 'trigger':
      return triggered(state, event.reason);
    case 'quiet':
      return state.type === 'debouncing' ? { type: 'running' } : state;
    case 'done':
      if (state.type === 'running') return { type: 'idle' };
      return state.type === 'queued' ? { type: 'debouncing', reasons: state.reasons } : state;
    case 'stop':
      return { type: 'stopped' };
  }
}

function triggered(state: SyncState, reason: string): SyncState {
  switch (state.type) {
    case 'idle':
      return { type: 'debouncing', reasons: [reason] };
    case 'running':
      return { type: 'queued', reasons: [reason] };
    case 'debouncing':
    case 'queued':
      return state.reasons.includes(reason) ? state : { ...state, reasons: [...state.reasons, reason] };
    case 'stopped':
      return state;
    default:
      return assertNever(state);
  }
}
