import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/util/json.ts';
import type { Address } from '../../src/model/address.ts';
import { notificationBody, notificationOf } from '../../src/watch/notify/notification.ts';
import { createNotifier, queuedAtMost, triesAtMost, type Delivery } from '../../src/watch/notify/notifier.ts';
import type { WatchEvent } from '../../src/watch/watch-event.ts';

const web = 'agent/web/0' as Address;
const unhealthy: WatchEvent = { type: 'unhealthy', address: web, message: 'GET /health answered 500' };
const instant = { now: () => 0, sleep: () => Promise.resolve() };

/** A notifier over one webhook that is told of everything, and what arrives there. */
function stage(answers: (attempt: number) => Delivery) {
  const received: JsonObject[] = [];
  const said: string[] = [];
  let attempts = 0;
  const stop = new AbortController();
  const notifier = createNotifier({
    workspace: 'shop',
    host: 'here',
    webhooks: [{ on: ['unhealthy', 'failed'], url: 'https://hooks.example/secret', shown: 'https://hooks.example' }],
    post: async (_url, body) => {
      const answer = answers(++attempts);
      if (answer.status === 'delivered') received.push(body as JsonObject);
      return answer;
    },
    redact: (body: Json) => body,
    clock: instant,
    random: () => 0.5,
    say: (line) => said.push(line),
  });
  return { notifier, received, said, attempts: () => attempts, stop, running: notifier.run?.(stop.signal) };
}

test('a change of scale names the replicas that come or go', () => {
  const scaled = { type: 'scaled', agent: 'web', from: 4, to: 2, because: 'cpu 20 % of 70 %' } as const;
  expect(notificationOf(scaled)).toEqual({
    event: 'scaled',
    message: 'web is scaled from 4 to 2: cpu 20 % of 70 %',
    addresses: ['agent/web/2', 'agent/web/3'],
  });
});

test('an event that was asked for is delivered, one that was not is not', async () => {
  const { notifier, received, stop, running } = stage(() => ({ status: 'delivered' }));
  notifier.heard?.(unhealthy);
  notifier.heard?.({ type: 'healed', run: 'r1', addresses: [web] });
  await expect.poll(() => received.length).toBe(1);
  stop.abort();
  await running;
  expect(received).toMatchObject([
    {
      type: 'notification',
      event: 'unhealthy',
      workspace: 'shop',
      addresses: [web],
      text: 'aac: shop: agent/web/0 is unhealthy: GET /health answered 500',
    },
  ]);
});

test('a receiver that stumbles is tried again, in order, and nothing is doubled', async () => {
  const stumbling = stage((attempt) =>
    attempt < 3 ? { status: 'failed', reason: 'it answered 503', again: true } : { status: 'delivered' },
  );
  stumbling.notifier.heard?.(unhealthy);
  stumbling.notifier.heard?.({ type: 'gave-up', address: web, because: 'it failed 10 times' });
  await expect.poll(() => stumbling.received.length).toBe(2);
  stumbling.stop.abort();
  await stumbling.running;
  expect(stumbling.received.map(({ event }) => event)).toEqual(['unhealthy', 'failed']);
  expect(stumbling.said).toEqual([]);
});

test('what nobody takes is given up with a word that does not hold the address', async () => {
  const down = stage(() => ({ status: 'failed', reason: 'ECONNREFUSED', again: true }));
  down.notifier.heard?.(unhealthy);
  await expect.poll(() => down.said.length).toBe(1);
  down.stop.abort();
  await down.running;
  expect(down.attempts()).toBe(triesAtMost);
  expect(down.said).toEqual(['notify: https://hooks.example did not take a notification: ECONNREFUSED']);

  const wrong = stage(() => ({ status: 'failed', reason: 'it answered 404', again: false }));
  wrong.notifier.heard?.(unhealthy);
  await expect.poll(() => wrong.said.length).toBe(1);
  wrong.stop.abort();
  await wrong.running;
  expect(wrong.attempts()).toBe(1);
});

test('a queue that nobody empties stays bounded, and that is said', () => {
  const { notifier, said, stop } = stage(() => ({ status: 'delivered' }));
  stop.abort();
  for (let count = 0; count < queuedAtMost + 5; count++) notifier.heard?.(unhealthy);
  expect(said).not.toEqual([]);
});

test('several resources are counted in the text and named in the list', () => {
  const drifted = (...addresses: readonly string[]): WatchEvent => ({
    type: 'drift',
    run: 'r1',
    heals: true,
    drift: addresses.map((address) => ({ address: address as Address, driver: 'docker', type: 'missing', fields: [] })),
  });
  expect(notificationOf(drifted('agent/a/0'))?.message).toBe(
    'agent/a/0 was changed outside of aac; it is being put right',
  );
  const many = notificationOf(drifted('agent/a/0', 'agent/b/0', 'agent/c/0'));
  expect(many?.message).toBe('agent/a/0 and 2 more were changed outside of aac; it is being put right');
  expect(notificationBody('shop', 'here', '2026-01-01T00:00:00.000Z', many!)).toMatchObject({
    at: '2026-01-01T00:00:00.000Z',
    addresses: ['agent/a/0', 'agent/b/0', 'agent/c/0'],
    run: 'r1',
  });
});
