import { setImmediate } from 'node:timers/promises';

/**
 * The same look for all who ask before it begins: as fresh for each as one of its own, at the price of one. Whoever
 * asks while it goes on gets the next.
 */
export function shareLooks<T>(look: () => Promise<T>): () => Promise<T> {
  let next: Promise<T> | undefined;
  return () => {
    next ??= setImmediate().then(() => {
      next = undefined;
      return look();
    });
    return next;
  };
}
