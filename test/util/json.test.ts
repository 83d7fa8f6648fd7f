import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, equalJson, type Json } from '../../src/util/json.ts';

describe('canonical JSON', () => {
  test('reads back as the value it was made from', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(JSON.parse(canonicalJson(value as Json))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (members) => {
        const entries = Object.entries(members as Record<string, Json>);
        const reversed = Object.fromEntries([...entries].reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(Object.fromEntries(entries)));
      }),
    );
  });

  test('an absent member and an undefined one are equal', () => {
    expect(equalJson({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(equalJson({ a: 1, b: null }, { a: 1 })).toBe(false);
  });
});
