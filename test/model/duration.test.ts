import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/model/duration.ts';

test.each([
  ['0', 0],
  [0, 0],
  ['0s', 0],
  ['30s', 30_000],
  ['1m30s', 90_000],
  ['300s', 300_000],
  ['1.5s', 1500],
  ['.5m', 30_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['1500us', 1.5],
  ['1500µs', 1.5],
  ['10ns', 0.00001],
  ['60h', 216_000_000],
])('%s is %s ms', (text, milliseconds) => {
  expect(parseDuration(text)).toEqual({ ok: true, value: milliseconds });
});

test.each([
  ['30', '`30` has no unit', 'did you mean `30s`?'],
  [30, '`30` has no unit', 'did you mean `30s`?'],
  ['1.5', '`1.5` has no unit', 'did you mean `1.5s`?'],
  ['-5s', '`-5s` is negative', undefined],
  ['2d', '`2d` is no duration', 'did you mean `48h`?'],
  ['', '`` is no duration', 'write it like `30s`, `1m30s` or `2h`'],
  ['1m 30s', '`1m 30s` is no duration', 'write it like `30s`, `1m30s` or `2h`'],
  ['s', '`s` is no duration', 'write it like `30s`, `1m30s` or `2h`'],
  ['30sx', '`30sx` is no duration', 'write it like `30s`, `1m30s` or `2h`'],
])('%s is an error that says what to write', (text, message, hint) => {
  const parsed = parseDuration(text);
  expect(parsed.ok ? parsed.value : [parsed.error.message, parsed.error.hint]).toEqual([message, hint]);
});

test('a formatted duration parses back to the same', () => {
  fc.assert(
    fc.property(fc.nat({ max: 400_000_000 }), (milliseconds) => {
      expect(parseDuration(formatDuration(milliseconds))).toEqual({ ok: true, value: milliseconds });
    }),
  );
});

test.each([
  [0, '0s'],
  [250, '250ms'],
  [90_000, '1m30s'],
  [3_600_000, '1h'],
  [1500, '1.5s'],
])('%s ms read %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});
