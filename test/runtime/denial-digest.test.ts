import { expect, test } from 'vitest';
import type { EdgeDecision } from '../../src/model/edge.ts';
import { DenialDigest, digestWindow } from '../../src/runtime/denial-digest.ts';

const refusal = (at: number, host = 'a.test', agent = 'web'): EdgeDecision => ({
  ...{ time: new Date(at).toISOString(), agent, verdict: 'denied', via: 'tls', host, port: 443, reason: 'no' },
});
const told = (denials: readonly { readonly at: number; readonly host: string; readonly count: number }[]) =>
  denials.map(({ at, host, count }) => [at, host, count]);

test('the first refusal of a way out is told at once, for each agent and host by itself', () => {
  const digest = new DenialDigest();
  expect(digest.hear(refusal(0))).toEqual([
    { type: 'egress-denied', at: 0, agent: 'web', host: 'a.test', port: 443, via: 'tls', reason: 'no', count: 1 },
  ]);
  expect(told(digest.hear(refusal(1, 'b.test')))).toEqual([[1, 'b.test', 1]]);
  expect(told(digest.hear(refusal(2, 'a.test', 'db')))).toEqual([[2, 'a.test', 1]]);
});

test('what repeats itself within a minute is told as one when the minute is over', () => {
  const digest = new DenialDigest();
  digest.hear(refusal(0));
  for (const at of [10, 20, 30]) expect(digest.hear(refusal(at))).toEqual([]);
  expect(digest.due(digestWindow - 1)).toEqual([]);
  expect(told(digest.due(digestWindow))).toEqual([[30, 'a.test', 3]]);
  expect(digest.due(digestWindow)).toEqual([]);
  expect(digest.hear(refusal(digestWindow))).toEqual([]); // within a minute of the last that was told
});

test('a refusal after the minute tells what was held back before it tells itself', () => {
  const digest = new DenialDigest();
  digest.hear(refusal(0));
  digest.hear(refusal(10));
  expect(told(digest.hear(refusal(digestWindow)))).toEqual([
    [10, 'a.test', 1],
    [digestWindow, 'a.test', 1],
  ]);
});

test('a way out that is asked for no more is forgotten', () => {
  const digest = new DenialDigest();
  digest.hear(refusal(0));
  expect(digest.due(digestWindow)).toEqual([]);
  expect(told(digest.hear(refusal(digestWindow + 1)))).toEqual([[digestWindow + 1, 'a.test', 1]]);
});
