import type { Clock } from '../util/clock.ts';

/** What became of a piece of work under a deadline. */
export type Bounded<T> =
  | { readonly type: 'done'; readonly value: T }
  | { readonly type: 'timeout' }
  | { readonly type: 'aborted' }
  | { readonly type: 'thrown'; readonly error: unknown };

/** The limits of a piece of work. */
export interface Bounds {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

const calledOff = new Error('the work was done in time'); // one for all: making it is what costs

/**
 * Runs `work` until it is done, the deadline has passed or the signal is aborted, whichever is first. The signal that
 * `work` gets is aborted in the last two cases, but nobody waits for it to obey: what it still does or throws after that
 * goes unheard. Never rejects: this is the one boundary at which what a driver throws becomes a value.
 */
export async function bounded<T>(work: (signal: AbortSignal) => Promise<T>, bounds: Bounds): Promise<Bounded<T>> {
  if (bounds.signal.aborted) return { type: 'aborted' };
  const inner = new AbortController();
  const timer = new AbortController();
  const { promise, resolve } = withResolvers<Bounded<T>>();
  const abort = () => resolve({ type: 'aborted' });
  bounds.signal.addEventListener('abort', abort, { once: true });
  void settle(work, inner.signal).then(resolve);
  void bounds.clock.sleep(bounds.deadline, timer.signal).then(
    () => resolve({ type: 'timeout' }),
    () => undefined, // called off, as the work was done in time
  );
  const outcome = await promise;
  bounds.signal.removeEventListener('abort', abort);
  timer.abort(calledOff);
  if (outcome.type === 'timeout' || outcome.type === 'aborted') inner.abort();
  return outcome;
}

async function settle<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<Bounded<T>> {
  try {
    return { type: 'done', value: await work(signal) };
  } catch (error) {
    return { type: 'thrown', error };
  }
}

// `Promise.withResolvers` is not in Node 20.
function withResolvers<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
