import { expect, test } from 'vitest';
import {
  agentAddress,
  parseAddress,
  runAddress,
  singleAddress,
  templateOf,
  volumeTemplate,
} from '../../src/model/address.ts';

test('addresses read back as what they were made of', () => {
  expect(parseAddress(agentAddress('web', 10))).toEqual({ kind: 'agent', name: 'web', index: 10 });
  expect(parseAddress(singleAddress(volumeTemplate('cache')))).toEqual({ kind: 'volume', name: 'cache' });
  expect(parseAddress(runAddress('adhoc'))).toEqual({ kind: 'agent', name: 'adhoc' });
});

test('a text that is no address is none', () => {
  for (const text of ['', 'web', 'agent/web', 'agent/web/x', 'pod/web/0', 'agent/a/b/0']) {
    expect(parseAddress(text)).toBeUndefined();
  }
});

test('all replicas share one template', () => {
  expect(templateOf(agentAddress('web', 3))).toBe('agent/web');
});
