import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Engine } from '../../../src/drivers/docker/engine.ts';
import { eventOf, events } from '../../../src/drivers/docker/events.ts';
import type { DriverEvent, DriverNotice } from '../../../src/model/agent-event.ts';
import { err, ok } from '../../../src/util/result.ts';

const line = (Action: string, attributes: Readonly<Record<string, string>> = {}, timeNano = '1767225600123456789') =>
  `{"Type":"container","Action":${JSON.stringify(Action)},"Actor":{"ID":"c1","Attributes":${JSON.stringify({
    'dev.aac.address': 'agent/web/0',
    name: 'demo-web-0',
    ...attributes,
  })}},"timeNano":${timeNano}}`;

test.each([
  { action: 'create', says: { type: 'created' } },
  { action: 'start', says: { type: 'started' } },
  { action: 'die', attributes: { exitCode: '137' }, says: { type: 'ended', exitCode: 137 } },
  { action: 'oom', says: { type: 'out-of-memory' } },
  { action: 'kill', attributes: { signal: '15' }, says: { type: 'signalled', detail: 'signal 15' } },
  { action: 'health_status: unhealthy', says: { type: 'health', health: 'unhealthy' } },
  { action: 'update', says: { type: 'updated' } },
  { action: 'destroy', says: { type: 'removed' } },
])('`$action` is told in our words', ({ action, attributes, says }) => {
  expect(eventOf(line(action, attributes))).toEqual({
    event: { at: 1_767_225_600_123, address: 'agent/web/0', name: 'demo-web-0', ref: 'c1', ...says },
    next: '1767225600.123456790',
  });
});

test('what is no event of an agent is passed over', () => {
  expect(eventOf(line('exec_start: true'))).toBeUndefined();
  expect(eventOf(line('start', { 'dev.aac.address': 'nonsense' }))).toBeUndefined();
  expect(eventOf('{"torn')).toBeUndefined();
});

test('an engine that goes away is told once and asked for what came since', async () => {
  const over = new AbortController();
  const asked: (string | undefined)[] = [];
  const answers = [
    ok(Readable.from([`${line('start')}\n`])),
    err({ code: 'unreachable', retry: 'transient', message: 'nobody listens' } as const),
    ok(Readable.from([`${line('die', { exitCode: '0' })}\n`])),
  ];
  const engine = {
    events: async (_filters: unknown, _signal: unknown, since?: string) => {
      asked.push(since);
      return answers.shift() ?? err({ code: 'unreachable', retry: 'transient', message: 'over' } as const);
    },
  } as unknown as Engine;
  const clock = { now: () => 5_000, sleep: async () => undefined };
  const seen: (DriverEvent | DriverNotice)[] = [];
  for await (const event of events(async () => ok(engine), 'demo', { signal: over.signal }, clock)) {
    seen.push(event);
    if (event.type === 'ended') over.abort();
  }
  expect(seen.map(({ type }) => type)).toEqual(['started', 'disconnected', 'reconnected', 'ended']);
  expect(asked).toEqual([undefined, '1767225600.123456790', '1767225600.123456790']);
});
