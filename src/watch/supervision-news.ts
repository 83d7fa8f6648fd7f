import type { Address } from '../model/address.ts';
import type { Supervision } from '../model/supervision.ts';
import type { WatchEvent } from './watch-event.ts';

/** What there is to tell a person when a supervision has changed; nothing for most changes. */
export function supervisionNews(
  address: Address,
  before: Supervision,
  after: Supervision,
  now: number,
): string | undefined {
  if (after.restarts > before.restarts) {
    const times = after.restarts === 1 ? 'once' : `${String(after.restarts)} times`;
    return `${address} was restarted (${times} so far)`;
  }
  if (after.state.type === 'waiting' && before.state.type !== 'waiting') {
    const seconds = Math.max(0, after.state.until - now) / 1_000;
    return `${address} ${after.state.because}; it is restarted in ${seconds.toFixed(1)} s`;
  }
  if (after.state.type === 'failed' && before.state.type !== 'failed') {
    return `${address} ${after.state.because}; \`aac apply\` or a change of its manifest tries again`;
  }
  if (after.health !== before.health && (before.health === 'unhealthy' || after.health === 'unhealthy')) {
    const why = after.health === 'unhealthy' && after.healthMessage ? `: ${after.healthMessage}` : '';
    return `${address} is ${after.health === 'none' ? 'being started again' : after.health}${why}`;
  }
  return undefined;
}

/** The same for programs; nothing for most changes. */
export function supervisionEvents(address: Address, before: Supervision, after: Supervision): readonly WatchEvent[] {
  const events: WatchEvent[] = [];
  if (after.restarts > before.restarts) events.push({ type: 'restarted', address, restarts: after.restarts });
  if (after.state.type === 'failed' && before.state.type !== 'failed') {
    events.push({ type: 'gave-up', address, because: after.state.because });
  }
  if (after.health !== before.health) {
    if (after.health === 'healthy') events.push({ type: 'healthy', address });
    if (after.health === 'unhealthy') {
      events.push({ type: 'unhealthy', address, message: after.healthMessage ?? 'no reason given' });
    }
  }
  return events;
}
