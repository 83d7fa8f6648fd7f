import { describe, expect, test } from 'vitest';
import type { SyncWindow } from '../../src/model/agent.ts';
import { windowState } from '../../src/watch/windows.ts';

const hour = 3_600_000;
const at = (text: string): number => Date.parse(text);
const iso = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString();

function window(kind: SyncWindow['kind'], schedule: string, hours: number, timeZone?: string): SyncWindow {
  return { kind, schedule, duration: hours * hour, ...(timeZone === undefined ? {} : { timeZone }) };
}

function told(windows: readonly SyncWindow[], now: string): readonly [string, string | undefined] {
  const { type, until } = windowState(windows, at(now));
  return [type, iso(until)];
}

test('without windows changes may be made at any time', () => {
  expect(told([], '2026-11-20T12:00:00Z')).toEqual(['open', undefined]);
});

describe('a window that denies', () => {
  const weekend = [window('deny', '0 22 * * 5', 60, 'Europe/Berlin')];

  test.each([
    ['2026-11-20T20:59:59.999Z', 'open', '2026-11-20T21:00:00.000Z'],
    ['2026-11-20T21:00:00Z', 'closed', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T08:59:59.999Z', 'closed', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T09:00:00Z', 'open', '2026-11-27T21:00:00.000Z'],
  ])('at %s it is %s until %s', (now, type, until) => {
    expect(told(weekend, now)).toEqual([type, until]);
  });

  test('is named as what keeps things closed', () => {
    expect(windowState(weekend, at('2026-11-21T12:00:00Z'))).toMatchObject({ by: weekend[0] });
  });

  test('wins over one that allows', () => {
    const both = [window('allow', '0 0 * * *', 24), window('deny', '0 12 * * *', 1)];
    expect(told(both, '2026-11-20T12:30:00Z')).toEqual(['closed', '2026-11-20T13:00:00.000Z']);
    expect(told(both, '2026-11-20T13:00:00Z')).toEqual(['open', '2026-11-21T12:00:00.000Z']);
  });
});

test('where windows allow, it is closed while none of them does', () => {
  const nights = [window('allow', '0 2 * * *', 2), window('allow', '0 3 * * 6', 3)];
  expect(told(nights, '2026-11-20T12:00:00Z')).toEqual(['closed', '2026-11-21T02:00:00.000Z']);
  expect(told(nights, '2026-11-21T03:30:00Z')).toEqual(['open', '2026-11-21T06:00:00.000Z']);
});

test('windows that touch or overlap are one', () => {
  const hourly = [window('deny', '0 9-16 * * 1-5', 1)];
  expect(told(hourly, '2026-11-20T09:10:00Z')).toEqual(['closed', '2026-11-20T17:00:00.000Z']);
  const often = [window('deny', '* * * * *', 60)];
  expect(told(often, '2026-11-20T09:10:00Z')).toEqual(['closed', undefined]);
});

describe('when clocks change', () => {
  test('a window that begins in the hour that is left out begins after it', () => {
    const spring = [window('deny', '30 2 * * *', 1, 'Europe/Berlin')];
    expect(told(spring, '2026-03-29T00:59:00Z')).toEqual(['open', '2026-03-29T01:00:00.000Z']);
    expect(told(spring, '2026-03-29T01:00:00Z')).toEqual(['closed', '2026-03-29T02:00:00.000Z']);
  });

  test('a window that begins in the hour that comes twice begins once', () => {
    const autumn = [window('deny', '30 2 * * *', 0.5, 'Europe/Berlin')];
    expect(told(autumn, '2026-10-25T00:30:00Z')).toEqual(['closed', '2026-10-25T01:00:00.000Z']);
    expect(told(autumn, '2026-10-25T01:45:00Z')).toEqual(['open', '2026-10-26T01:30:00.000Z']);
  });

  test('a window that begins every hour begins in both of them', () => {
    const hourly = [window('deny', '0 * * * *', 0.5, 'Europe/Berlin')];
    expect(told(hourly, '2026-10-25T00:10:00Z')[0]).toBe('closed');
    expect(told(hourly, '2026-10-25T01:10:00Z')[0]).toBe('closed');
  });

  test('a window lasts for its duration, not until the same time on the clock', () => {
    const night = [window('deny', '0 22 * * 6', 12, 'Europe/Berlin')];
    expect(told(night, '2026-03-28T22:00:00Z')).toEqual(['closed', '2026-03-29T09:00:00.000Z']);
    expect(told(night, '2026-10-24T22:00:00Z')).toEqual(['closed', '2026-10-25T08:00:00.000Z']);
  });

  test('the same schedule is met an hour earlier in UTC in summer', () => {
    const noon = [window('allow', '0 12 * * *', 1, 'Europe/Berlin')];
    expect(told(noon, '2026-01-10T11:30:00Z')[0]).toBe('open');
    expect(told(noon, '2026-07-10T10:30:00Z')[0]).toBe('open');
    expect(told(noon, '2026-07-10T11:30:00Z')[0]).toBe('closed');
  });
});

test('a date that never comes neither opens nor closes anything', () => {
  expect(told([window('deny', '0 0 30 2 *', 1)], '2026-11-20T12:00:00Z')).toEqual(['open', undefined]);
  expect(told([window('allow', '0 0 30 2 *', 1)], '2026-11-20T12:00:00Z')).toEqual(['closed', undefined]);
});
