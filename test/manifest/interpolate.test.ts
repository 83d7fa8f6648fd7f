import { expect, test } from 'vitest';
import { interpolate } from '../../src/manifest/interpolate.ts';

const variables = { NAME: 'web', EMPTY: '', PRICE: '$5', UNDEFINED: undefined };

test.each([
  ['plain', 'plain', []],
  ['', '', []],
  ['${NAME}', 'web', ['NAME']],
  ['a-${NAME}-${NAME}', 'a-web-web', ['NAME', 'NAME']],
  ['${EMPTY}', '', ['EMPTY']],
  ['${PRICE}', '$5', ['PRICE']],
  ['${NAME:-other}', 'web', ['NAME']],
  ['${EMPTY:-other}', 'other', []],
  ['${GONE:-other}', 'other', []],
  ['${UNDEFINED:-other}', 'other', []],
  ['${GONE:-}', '', []],
  ['${GONE:-${NAME}:1}', 'web:1', ['NAME']],
  ['${GONE:-${ALSO:-x}}y', 'xy', []],
  ['${NAME:?needed}', 'web', ['NAME']],
  ['$$', '$', []],
  ['$${NAME}', '${NAME}', []],
  ['$$$${NAME}', '$${NAME}', []],
  ['$NAME costs 5$', '$NAME costs 5$', []],
  ['{"a": "${NAME}"}', '{"a": "web"}', ['NAME']],
])('%s is %s', (template, text, used) => {
  const result = interpolate(template, variables);
  expect(result.ok ? { text: result.value.text, used: result.value.used } : result.error).toEqual({ text, used });
});

test.each([
  ['${GONE}', 'unset-variable', 'variable `GONE` is not set'],
  ['${toString}', 'unset-variable', 'variable `toString` is not set'],
  ['${GONE:?ask the desk}', 'unset-variable', 'variable `GONE` is not set: ask the desk'],
  ['${EMPTY:?}', 'unset-variable', 'variable `EMPTY` is not set'],
  ['${GONE:-${ALSO}}', 'unset-variable', 'variable `ALSO` is not set'],
  ['${NAME', 'invalid-value', '`${NAME` has no closing `}`'],
  ['${}', 'invalid-value', '`${}` is not understood'],
  ['${A B}', 'invalid-value', '`${A B}` is not understood'],
  ['${NAME-x}', 'invalid-value', '`${NAME-x}` is not understood'],
  ['${1}', 'invalid-value', '`${1}` is not understood'],
])('%s is an error', (template, code, message) => {
  const result = interpolate(template, variables);
  expect(result.ok ? result.value : [result.error.code, result.error.message]).toEqual([code, message]);
});

test('a text is dynamic only with a variable in it', () => {
  expect(interpolate('a $$ b', variables)).toMatchObject({ value: { dynamic: false } });
  expect(interpolate('${GONE:-x}', variables)).toMatchObject({ value: { dynamic: true } });
});
