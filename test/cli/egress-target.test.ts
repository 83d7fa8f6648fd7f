import { expect, test } from 'vitest';
import { egressTarget } from '../../src/cli/declarations/egress.ts';

test.each([
  ['example.com', 'example.com', 443],
  ['example.com:8443', 'example.com', 8443],
  ['10.0.0.1:80', '10.0.0.1', 80],
  ['[::1]:443', '::1', 443],
  ['https://example.com/v1/messages', 'example.com', 443],
  ['http://example.com', 'example.com', 80],
  ['http://example.com:8080/', 'example.com', 8080],
])('%s is where an agent may want to go', (text, host, port) => {
  expect(egressTarget(text)).toEqual({ host, port });
});

test.each([
  '',
  'example.com:',
  'example.com:0',
  'example.com:70000',
  'example.com/v1',
  'a b',
  '::1',
  'ftp://example.com',
])('`%s` is nowhere', (text) => {
  expect(() => egressTarget(text)).toThrow('it takes a host such as');
});
