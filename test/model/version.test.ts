import { expect, test } from 'vitest';
import type { MutableField } from '../../src/model/desired.ts';
import { fieldPath } from '../../src/model/field-path.ts';
import { specHashOf, withFields, without } from '../../src/model/version.ts';

const memory = fieldPath('resources', 'limits', 'memory');
const mutable: readonly MutableField[] = [{ path: memory, unset: 'in-place' }];
const spec = { image: 'a:1', resources: { limits: { memory: 1, cpu: 2 } } };

test('the hash ignores what can change in place and nothing else', () => {
  expect(specHashOf(withFields(spec, { [memory]: 99 }), mutable)).toBe(specHashOf(spec, mutable));
  expect(specHashOf(withFields(spec, { [fieldPath('image')]: 'a:2' }), mutable)).not.toBe(specHashOf(spec, mutable));
});

test('fields can be set on a copy, objects on the way included', () => {
  expect(withFields({}, { [fieldPath('a', 'b')]: 1 })).toEqual({ a: { b: 1 } });
  expect(withFields(spec, { [memory]: null })).toEqual({
    image: 'a:1',
    resources: { limits: { memory: null, cpu: 2 } },
  });
  expect(spec.resources.limits.memory).toBe(1);
});

test('fields can be left out of a copy', () => {
  expect(without(spec, new Set([memory]))).toEqual({ image: 'a:1', resources: { limits: { cpu: 2 } } });
});
