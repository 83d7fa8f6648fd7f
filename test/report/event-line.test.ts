import { expect, test } from 'vitest';
import { agentAddress } from '../../src/model/address.ts';
import type { AgentEvent } from '../../src/model/agent-event.ts';
import { eventDocument, eventLine } from '../../src/report/event-line.ts';
import { plainStyle } from '../../src/report/style.ts';
import { expectGolden } from '../support/golden.ts';

const subject = { at: Date.UTC(2026, 0, 2), address: agentAddress('web', 0), name: 'demo-web-0', ref: 'c1' };
const container = { source: 'docker', ...subject } as const;
const samples: readonly AgentEvent[] = [
  { source: 'aac', type: 'apply-started', at: subject.at, command: 'aac apply', user: 'ada', host: 'desk' },
  {
    source: 'aac',
    type: 'step-finished',
    at: subject.at,
    address: subject.address,
    driver: 'docker',
    name: subject.name,
    verb: 'start',
    status: 'failed',
    code: 'conflict',
  },
  { source: 'aac', type: 'apply-finished', at: subject.at, status: 'failed' },
  {
    source: 'aac',
    type: 'dependency-unwell',
    at: subject.at,
    address: subject.address,
    dependency: agentAddress('db', 0),
  },
  { source: 'aac', type: 'gave-up', at: subject.at, address: subject.address, because: 'exited with code 1' },
  { source: 'aac', type: 'rolled-back', at: subject.at, agent: 'web', to: 6, failed: 7 },
  { ...container, source: 'process', type: 'health', health: 'unhealthy', detail: 'no answer within 1 s' },
  { ...container, type: 'created' },
  { ...container, type: 'started' },
  { ...container, type: 'health', health: 'unhealthy' },
  { ...container, type: 'out-of-memory' },
  { ...container, type: 'signalled', detail: 'signal 15' },
  { ...container, type: 'ended', exitCode: 137, detail: 'memory\u001b[31m limit' },
  { ...container, type: 'removed' },
  {
    ...{ source: 'docker', type: 'egress-denied', at: subject.at, agent: 'web', host: 'evil\u001b.test', port: 443 },
    ...{ via: 'tls', reason: 'not in the list of allowed hosts', count: 1 },
  },
  {
    ...{ source: 'docker', type: 'egress-denied', at: subject.at, agent: 'web', host: '', port: 80 },
    ...{ via: 'unknown', reason: 'said nothing', count: 7 },
  },
  { source: 'docker', type: 'disconnected', at: subject.at, message: 'the engine closed the stream of events' },
  { source: 'docker', type: 'reconnected', at: subject.at, message: 'the engine answers again' },
];

test('events are a line each for people', () => {
  const lines = samples.map((event) => eventLine(event, { style: plainStyle }));
  expectGolden('report/event-line/events.txt', `${lines.join('\n')}\n`);
});

test('events are a small document each for programs', () => {
  const lines = samples.map((event) => JSON.stringify(eventDocument(event)));
  expectGolden('report/event-line/events.jsonl', `${lines.join('\n')}\n`);
  expect(eventDocument({ ...container, type: 'started' })).toMatchObject({ type: 'event', event: 'started' });
});
