import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldPath, fieldSegments, formatFieldPath, isWithin, valueAt } from '../../src/model/field-path.ts';

test('any segments survive the way into a pointer and back', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (segments) => {
      expect(fieldSegments(fieldPath(...segments))).toEqual(segments);
    }),
  );
});

test('a pointer names the value below slashes and tildes', () => {
  const document = { ports: { '8080/tcp': { host: 80 } }, 'a~b': [1, 2] };
  expect(valueAt(document, fieldPath('ports', '8080/tcp', 'host'))).toBe(80);
  expect(valueAt(document, fieldPath('a~b', '1'))).toBe(2);
  expect(valueAt(document, fieldPath('ports', 'none', 'host'))).toBeUndefined();
});

test('people read a pointer with dots', () => {
  expect(formatFieldPath(fieldPath('ports', '8080/tcp', 'host'))).toBe('ports.8080/tcp.host');
});

test('a field is within its ancestors and not within a namesake', () => {
  expect(isWithin(fieldPath('environment', 'A'), fieldPath('environment'))).toBe(true);
  expect(isWithin(fieldPath('environments'), fieldPath('environment'))).toBe(false);
});
