/** A signal of one's own, that is let go of when it is disposed of. */
export type OwnSignal = Disposable & { readonly signal: AbortSignal };

/**
 * Gives any number of signals that are aborted with `signal`. A thousand listeners on one signal would make each of them
 * cost a thousand steps, and have Node warn of a leak; this puts a single one there.
 */
export function fanOut(signal: AbortSignal): () => OwnSignal {
  const open = new Set<AbortController>();
  signal.addEventListener(
    'abort',
    () => {
      for (const controller of open) controller.abort(signal.reason);
    },
    { once: true },
  );
  return () => {
    const controller = new AbortController();
    if (signal.aborted) controller.abort(signal.reason);
    open.add(controller);
    return { signal: controller.signal, [Symbol.dispose]: () => open.delete(controller) };
  };
}
