import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFamiliar } from '../../../src/drivers/process/familiar.ts';
import { createHost, type Host } from '../../../src/drivers/process/host.ts';
import { cookieOf } from '../../../src/drivers/process/instance.ts';
import type { Store } from '../../../src/drivers/process/store.ts';
import { createFakeClock, createFakeSystem, fakeProcess, type FakeSystem } from './fake-system.ts';
import { sampleInstance as instance, sampleRun as run } from './sample-instance.ts';

let state: string;
let system: FakeSystem;
let host: Host;
let store: Store;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'aac-familiar-'));
  system = createFakeSystem([fakeProcess(100, { cookie: cookieOf(instance) })]);
  host = createHost({ system, clock: createFakeClock(), environment: {} }, () => state);
  store = host.store('shop');
});
afterEach(async () => {
  await rm(state, { recursive: true });
});

it('what changes at any moment between two looks is seen by the second', async () => {
  const familiar = createFamiliar(host, 'shop');
  const phases = async () => (await familiar.look()).map(({ run: seen, state: { phase } }) => [phase, seen?.number]);
  expect(await phases()).toEqual([]);
  await store.add(instance);
  expect(await phases()).toEqual([['created', undefined]]);
  await store.claimRun(instance.name, run);
  expect(await phases()).toEqual([['running', 1]]);
  expect(await phases()).toEqual([['running', 1]]);
  await store.writeRun(instance.name, { ...run, stopRequestedAt: '2026-01-01T00:00:02.000Z' });
  expect((await familiar.look())[0]?.run?.stopRequestedAt).toBe('2026-01-01T00:00:02.000Z');
  system.running = [];
  expect(await phases()).toEqual([['exited', 1]]);
  await store.claimRun(instance.name, { ...run, number: 2, process: { pid: 101, started: 't101', sid: 101 } });
  system.running = [fakeProcess(101, { cookie: cookieOf(instance) })];
  expect(await phases()).toEqual([['running', 2]]);
  await store.remove(instance.name);
  expect(await phases()).toEqual([]);
});

it('a stranger with the pid of a latch is not taken for it', async () => {
  await store.add(instance);
  await store.claimRun(instance.name, run);
  const familiar = createFamiliar(host, 'shop');
  expect((await familiar.look())[0]?.state.phase).toBe('running');
  system.running = [fakeProcess(100, { started: 'later' })];
  expect((await familiar.look())[0]?.state.phase).toBe('exited');
});

it('a start whose process nobody recorded is looked for at every look', async () => {
  const { process: _, ...intent } = run;
  await store.add(instance);
  await store.claimRun(instance.name, intent);
  system.running = [];
  const familiar = createFamiliar(host, 'shop');
  expect((await familiar.look())[0]?.state.phase).toBe('created');
  const variables = { AAC_INSTANCE_ID: cookieOf(instance), AAC_LATCH: '1' };
  system.running = [fakeProcess(100, { variables })];
  expect((await familiar.look())[0]?.state.phase).toBe('running');
});
