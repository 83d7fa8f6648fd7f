import type { NotifiedEvent } from '../../model/notified-event.ts';
import type { Json } from '../../util/json.ts';
import type { Clock } from '../../util/clock.ts';
import type { Companion } from '../companion.ts';
import { backoff, jittered } from '../backoff.ts';
import { notificationBody, notificationOf } from './notification.ts';

/** One address that wants to be told. */
export interface Webhook {
  readonly on: readonly NotifiedEvent[];
  /** As it may be shown: without path and query, which often are the secret. */
  readonly shown: string;
  readonly url: string;
}

/** How a delivery ended; `again`: it may go better later. */
export type Delivery =
  { readonly status: 'delivered' } | { readonly status: 'failed'; readonly reason: string; readonly again: boolean };

/** What a notifier works with. */
export interface NotifierOptions {
  readonly workspace: string;
  readonly host: string;
  readonly webhooks: readonly Webhook[];
  readonly post: (url: string, body: Json, signal: AbortSignal) => Promise<Delivery>;
  readonly redact: (body: Json) => Json;
  readonly clock: Clock;
  readonly random: () => number;
  readonly say: (line: string) => void;
}

/** Tries for one notification, with 1 s, 2 s, 4 s and so on between them: half a minute in all. */
export const triesAtMost = 6;
/** A receiver that is down loses the oldest beyond these. */
export const queuedAtMost = 100;

/** A companion that tells webhooks what happens, each in order and none waiting for another or keeping the watch. */
export function createNotifier(options: NotifierOptions): Companion {
  const lines = options.webhooks.map((webhook) => ({ webhook, ...createLine() }));
  return {
    heard: (event) => {
      const notification = notificationOf(event);
      if (!notification) return;
      const at = new Date(options.clock.now()).toISOString();
      const body = options.redact(notificationBody(options.workspace, options.host, at, notification));
      for (const { webhook, add } of lines) {
        if (webhook.on.includes(notification.event) && add(body)) {
          options.say(`notify: ${webhook.shown} is too slow; the oldest notification is dropped`);
        }
      }
    },
    run: async (signal) => {
      await Promise.all(lines.map(({ webhook, next }) => deliverAll(webhook, next, options, signal)));
    },
  };
}

async function deliverAll(
  webhook: Webhook,
  next: (signal: AbortSignal) => Promise<Json | undefined>,
  { post, clock, random, say }: NotifierOptions,
  signal: AbortSignal,
): Promise<void> {
  for (let body = await next(signal); body !== undefined; body = await next(signal)) {
    for (let tries = 1; ; tries++) {
      const delivery = await post(webhook.url, body, signal);
      if (delivery.status === 'delivered' || signal.aborted) break;
      if (!delivery.again || tries === triesAtMost) {
        say(`notify: ${webhook.shown} did not take a notification: ${delivery.reason}`);
        break;
      }
      await clock.sleep(jittered(backoff(tries - 1), random), signal).catch(() => undefined);
    }
  }
}

/** What waits to be delivered: `add` says whether the oldest had to go, `next` waits, until the signal is aborted. */
function createLine(): {
  readonly add: (body: Json) => boolean;
  readonly next: (signal: AbortSignal) => Promise<Json | undefined>;
} {
  const waiting: Json[] = [];
  let wake: () => void = () => undefined;
  return {
    add: (body) => {
      waiting.push(body);
      wake();
      return waiting.length > queuedAtMost && waiting.shift() !== undefined;
    },
    next: async (signal) => {
      while (waiting.length === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = () => {
            signal.removeEventListener('abort', wake);
            resolve();
          };
          signal.addEventListener('abort', wake, { once: true });
        });
      }
      return signal.aborted ? undefined : waiting.shift();
    },
  };
}
