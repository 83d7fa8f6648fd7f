import { ok, type Result } from '../util/result.ts';

/** A lock that several pieces of work of this one process hold together: the first takes it, the last gives it back. */
export interface SharedLock<E> {
  hold(signal: AbortSignal): Promise<Result<AsyncDisposable, E>>;
}

/** Shares what `take` takes. */
export function createSharedLock<E>(take: (signal: AbortSignal) => Promise<Result<AsyncDisposable, E>>): SharedLock<E> {
  let holders = 0;
  let taken: Promise<Result<AsyncDisposable, E>> | undefined;
  return {
    hold: async (signal) => {
      holders++;
      const mine = (taken ??= take(signal));
      const lock = await mine;
      const leave = (): boolean => {
        if (--holders > 0 && lock.ok) return false;
        if (taken === mine) taken = undefined;
        return lock.ok;
      };
      if (!lock.ok) {
        leave();
        return lock;
      }
      return ok({
        [Symbol.asyncDispose]: async () => {
          if (leave()) await lock.value[Symbol.asyncDispose]();
        },
      });
    },
  };
}
