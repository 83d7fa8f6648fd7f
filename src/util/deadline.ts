/**
 * A signal that is aborted with a `TimeoutError` after so many milliseconds, whoever still refers to it. Use it in
 * `AbortSignal.any` in place of `AbortSignal.timeout`: a composite refers to its sources weakly, so that Node may collect
 * a timeout that nobody else holds, and the deadline never comes. Like that one it keeps no process alive.
 */
export function deadlineSignal(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  const pass = (): void => controller.abort(new DOMException('the deadline has passed', 'TimeoutError'));
  setTimeout(pass, milliseconds).unref();
  return controller.signal;
}
