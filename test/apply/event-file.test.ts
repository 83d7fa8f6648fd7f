import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventReader, openEventFile } from '../../src/apply/event-file.ts';
import { agentAddress } from '../../src/model/address.ts';
import type { AgentEvent } from '../../src/model/agent-event.ts';

const address = agentAddress('web', 0);
const gaveUp = (at: number, because = 'it crashed'): AgentEvent => ({
  source: 'aac',
  type: 'gave-up',
  at,
  address,
  because,
});
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aac-events-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

test('a reader gets what was there, then what has come since, each once', async () => {
  const read = eventReader(join(folder, 'state'));
  expect(await read()).toEqual([]);
  const file = openEventFile(join(folder, 'state'));
  await Promise.all([file.append([gaveUp(1)]), file.append([gaveUp(2), gaveUp(3)])]);
  expect(await read()).toEqual([gaveUp(1), gaveUp(2), gaveUp(3)]);
  expect(await read()).toEqual([]);
  await file.append([gaveUp(4)]);
  expect(await read()).toEqual([gaveUp(4)]);
  expect(await eventReader(join(folder, 'state'))()).toHaveLength(4);
});

test('the file does not grow without end, and a reader misses nothing of what is given up behind it', async () => {
  const read = eventReader(folder);
  const file = openEventFile(folder);
  const long = 'x'.repeat(10_000);
  for (let at = 0; at < 200; at += 1) {
    await file.append([gaveUp(at, long)]);
    expect((await read()).map((event) => event.at)).toEqual([at]);
  }
  expect((await stat(join(folder, 'events.jsonl'))).size).toBeLessThan(600_000);
});
