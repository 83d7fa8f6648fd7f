import type { Clock } from '../util/clock.ts';
import { advanceSync, type SyncEvent, type SyncState } from './sync-state.ts';

/** What the loop runs with. */
export interface SyncOptions {
  /** Brings the world in line once; `reasons` say what triggered it. Must not throw for expected failures. */
  readonly reconcile: (reasons: readonly string[]) => Promise<void>;
  /** Starts telling what may have changed, until the signal is aborted. */
  readonly triggers: readonly ((trigger: (reason: string) => void, signal: AbortSignal) => void)[];
  readonly clock: Clock;
  /** Milliseconds without a trigger before a run begins; one begins after ten times as long though triggers go on. */
  readonly debounce: number;
  /** Ends the loop; a run that goes on is waited for. */
  readonly signal: AbortSignal;
}

/** So many debounces at most: a file that is written all the time must not keep every other from being applied. */
const longestDebounce = 10;

/** Runs until the signal is aborted: once at the start, then after every trigger, never two runs at once. */
export async function syncLoop(options: SyncOptions): Promise<void> {
  const { clock, debounce, signal, reconcile } = options;
  let state: SyncState = { type: 'idle' };
  let wake: () => void = () => undefined;
  const happen = (event: SyncEvent): void => {
    state = advanceSync(state, event);
    wake();
  };
  const stopped = (): void => happen({ type: 'stop' });
  signal.addEventListener('abort', stopped, { once: true });
  if (signal.aborted) stopped();
  for (const start of options.triggers) start((reason) => happen({ type: 'trigger', reason }), signal);
  happen({ type: 'trigger', reason: 'start' });
  let begun: number | undefined; // of the debouncing that goes on
  try {
    while (current().type !== 'stopped') {
      const before = current();
      if (before.type === 'debouncing') {
        begun ??= clock.now();
        const patience = Math.max(0, Math.min(debounce, begun + longestDebounce * debounce - clock.now()));
        const over = new AbortController();
        await Promise.race([
          clock.sleep(patience, over.signal).catch(() => undefined),
          changed(), // an end, too
        ]);
        over.abort();
        const isLongEnough = clock.now() - begun >= longestDebounce * debounce && current().type === 'debouncing';
        if (current() === before || isLongEnough) {
          const due = current();
          begun = undefined;
          happen({ type: 'quiet' });
          await reconcile(due.type === 'debouncing' ? due.reasons : before.reasons);
          happen({ type: 'done' });
        }
      } else {
        await changed();
      }
    }
  } finally {
    signal.removeEventListener('abort', stopped);
  }

  // The state is changed by callbacks, which the compiler cannot see.
  function current(): SyncState {
    return state;
  }

  function changed(): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve;
    });
  }
}
