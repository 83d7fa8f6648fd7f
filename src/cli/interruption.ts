/** Ctrl-C, twice: the first signal asks to stop, the second insists. */
export interface Interruption extends Disposable {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly drain: AbortSignal;
  /** Aborted by the second. */
  readonly abort: AbortSignal;
}

/** Listens for SIGINT and SIGTERM until disposed of. */
export function listenForInterruption(process: NodeJS.Process): Interruption {
  const drain = new AbortController();
  const abort = new AbortController();
  const listener = (): void => {
    if (drain.signal.aborted) abort.abort(new Error('interrupted twice'));
    else drain.abort(new Error('interrupted'));
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    drain: drain.signal,
    abort: abort.signal,
    [Symbol.dispose]: () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    },
  };
}
