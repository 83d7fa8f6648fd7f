import { agentAddress, type Address, type TemplateAddress } from '../../model/address.ts';
import type { NotifiedEvent } from '../../model/notified-event.ts';
import { reportFormatVersion, toDocument } from '../../report/document.ts';
import type { JsonObject } from '../../util/json.ts';
import type { WatchEvent } from '../watch-event.ts';

/** One thing to tell. */
export interface Notification {
  readonly event: NotifiedEvent;
  /** A sentence for people. */
  readonly message: string;
  readonly addresses: readonly (Address | TemplateAddress)[];
  /** The run in which it happened. */
  readonly run?: string;
}

/** What there is to tell of an event; `undefined`: nobody asks for such. */
export function notificationOf(event: WatchEvent): Notification | undefined {
  switch (event.type) {
    case 'drift': {
      const addresses = event.drift.map(({ address }) => address);
      const then = event.heals ? 'it is being put right' : 'nothing puts it right';
      return {
        event: 'drift',
        message: `${named(addresses)} changed outside of aac; ${then}`,
        addresses,
        run: event.run,
      };
    }
    case 'failed': {
      const addresses = event.agents.map(({ address }) => address);
      return { event: 'failed', message: event.message, addresses, run: event.run };
    }
    case 'healed':
      return {
        event: 'healed',
        message: `${named(event.addresses)} put right`,
        addresses: event.addresses,
        run: event.run,
      };
    case 'rolled-back': {
      const { address, to, failed, run } = event;
      const message = `${address} is back to revision ${String(to)}: its rollout failed as revision ${String(failed)}`;
      return { event: 'rolled-back', message, addresses: [address], run };
    }
    case 'unhealthy':
      return {
        event: 'unhealthy',
        message: `${event.address} is unhealthy: ${event.message}`,
        addresses: [event.address],
      };
    case 'gave-up':
      return {
        event: 'failed',
        message: `${event.address} is restarted no more: ${event.because}`,
        addresses: [event.address],
      };
    case 'scaled': {
      const { agent, from, to, because } = event;
      const message = `${agent} is scaled from ${String(from)} to ${String(to)}: ${because}`;
      const moved = Array.from({ length: Math.abs(to - from) }, (_, index) => Math.min(from, to) + index);
      return { event: 'scaled', message, addresses: moved.map((index) => agentAddress(agent, index)) };
    }
    case 'dependency-unwell':
    case 'run-started':
    case 'reconciled':
    case 'healthy':
    case 'restarted':
    case 'suspended':
    case 'waiting-for-window':
      return undefined;
  }
}

/**
 * The body of a webhook. `text` says it all in one line, which is what chat services show; the rest is for programs.
 * `at` is ISO 8601, UTC.
 */
export function notificationBody(workspace: string, host: string, at: string, notification: Notification): JsonObject {
  return toDocument({
    formatVersion: reportFormatVersion,
    type: 'notification',
    at,
    workspace,
    host,
    text: `aac: ${workspace}: ${notification.message}`,
    ...notification,
  });
}

function named(addresses: readonly Address[]): string {
  const [first = 'nothing', second, ...more] = addresses;
  if (second === undefined) return `${first} was`;
  return more.length === 0 ? `${first} and ${second} were` : `${first} and ${String(more.length + 1)} more were`;
}
