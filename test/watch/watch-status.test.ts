import { expect, test } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { advanceStatus, begun, type WatchStatus } from '../../src/watch/monitor/watch-status.ts';
import type { WatchEvent } from '../../src/watch/watch-event.ts';

const [web, db] = ['agent/web/0' as Address, 'agent/db/0' as Address] as const;

function after(...events: readonly WatchEvent[]): WatchStatus {
  return events.reduce((status, event, index) => advanceStatus(status, event, index * 1000), begun);
}

const failed: WatchEvent = { type: 'failed', run: 'r1', elapsed: 5, message: 'no engine', agents: [] };
const reconciled: WatchEvent = { type: 'reconciled', run: 'r2', elapsed: 7, changed: { create: 1 }, pending: 2 };

test('it is in sync once a run has ended well, and stays so when a later one fails', () => {
  expect(after(failed).synced).toBe(false);
  const status = after(reconciled, failed);
  expect(status).toMatchObject({
    synced: true,
    runs: { reconciled: 1, failed: 1 },
    last: { run: 'r1', status: 'failed', message: 'no engine', at: '1970-01-01T00:00:01.000Z' },
  });
});

test('a run is shown while it goes on', () => {
  const started: WatchEvent = { type: 'run-started', run: 'r2', reasons: ['resync'] };
  expect(after(started).running).toEqual({ run: 'r2', reasons: ['resync'] });
  expect(after(started, reconciled)).not.toHaveProperty('running');
  expect(after(started, reconciled).pending).toBe(2);
});

test('drift stands until it is healed, an unhealthy agent until it is well', () => {
  const drift: WatchEvent = {
    type: 'drift',
    run: 'r1',
    heals: true,
    drift: [web, db].map((address) => ({ address, driver: 'docker', type: 'missing', fields: [] })),
  };
  expect(after(drift, { type: 'healed', run: 'r1', addresses: [web] }).drifted).toEqual([db]);
  const sick: WatchEvent = { type: 'unhealthy', address: web, message: 'no' };
  expect(after(sick, sick).unhealthy).toEqual([web]);
  expect(after(sick, { type: 'healthy', address: web }).unhealthy).toEqual([]);
});

test('an agent that was given up is listed until it is restarted', () => {
  const lost: WatchEvent = { type: 'gave-up', address: web, because: 'it failed 10 times' };
  expect(after(lost, lost).gaveUp).toEqual([{ address: web, because: 'it failed 10 times' }]);
  expect(after(lost, { type: 'restarted', address: web, restarts: 11 }).gaveUp).toEqual([]);
});

test('what waits for a window is shown until a run holds nothing back', () => {
  const waiting: WatchEvent = { type: 'waiting-for-window', until: 60_000, addresses: [web] };
  expect(after(waiting).waitingForWindow).toEqual({ until: '1970-01-01T00:01:00.000Z', addresses: [web] });
  expect(after(waiting, reconciled).waitingForWindow).toBeDefined();
  expect(after(waiting, { ...reconciled, pending: 0 })).not.toHaveProperty('waitingForWindow');
});
