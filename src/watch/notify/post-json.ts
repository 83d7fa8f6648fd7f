import type { Json } from '../../util/json.ts';
import { linkedSignal } from '../../util/linked-signal.ts';
import type { Delivery } from './notifier.ts';

/** Milliseconds for a receiver to answer. */
const answerDeadline = 10_000;

/**
 * Posts a document. Answers of 2xx are taken as delivered; 408, 429, 5xx and failing connections are worth another try,
 * everything else is not. Redirects are not followed: a notification goes where it was sent. The reason never holds the
 * address.
 */
export async function postJson(url: string, body: Json, signal: AbortSignal): Promise<Delivery> {
  using limited = linkedSignal(signal, answerDeadline);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: limited.signal,
    });
    await response.body?.cancel();
    if (response.ok) return { status: 'delivered' };
    const again = response.status === 408 || response.status === 429 || response.status >= 500;
    return { status: 'failed', reason: `it answered ${String(response.status)}`, again };
  } catch (thrown) {
    return { status: 'failed', reason: reasonOf(thrown), again: true };
  }
}

/** `fetch` fails with a cause that has a code, such as ECONNREFUSED, and a message that repeats the address. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'it cannot be reached';
  const { cause } = thrown;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return thrown.name === 'TimeoutError' ? 'no answer in time' : 'it cannot be reached';
}
