import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../../src/drivers/process/cookie-record.ts';
import { cookieOf, parseCookie, type Instance, type Run } from '../../../src/drivers/process/instance.ts';
import { sightStrays, stateOf, type Evidence } from '../../../src/drivers/process/sighting.ts';
import type { RunningProcess } from '../../../src/drivers/process/system.ts';
import { fakeProcess } from './fake-system.ts';
import { sampleInstance, sampleRun } from './sample-instance.ts';

const instance: Instance = {
  ...sampleInstance,
  record: { ...sampleInstance.record, lastApplied: { command: ['node', 'server.js'], note: 'ü' } },
};
const run: Run = { ...sampleRun, number: 2 };
const { process: _, ...intent } = run;

function latchOf(of: Run): RunningProcess {
  const variables = {
    AAC_INSTANCE_ID: cookieOf(instance),
    AAC_LATCH: String(of.number),
    AAC_RECORD: encodeRecord(instance, of),
  };
  return fakeProcess(100, { variables });
}
const latch = latchOf(run);
const leftover = fakeProcess(102, { cookie: cookieOf(instance) });

function evidence(more: Partial<Evidence>): Evidence {
  return {
    run,
    bootId: 'this boot',
    latch: undefined,
    members: [],
    exitCode: undefined,
    outOfMemory: false,
    starterLives: false,
    ...more,
  };
}

describe('what has become of an instance', () => {
  it.each<[string, Partial<Evidence>, unknown]>([
    ['never started', { run: undefined }, { phase: 'created' }],
    ['its latch is there', { latch }, { phase: 'running', latch }],
    ['its latch is there and has written its code', { latch, exitCode: 0 }, { phase: 'running', latch }],
    ['its latch is there, unrecorded', { run: intent, members: [leftover, latch] }, { phase: 'running', latch }],
    ['it is being started', { run: intent, outOfMemory: false, starterLives: true }, { phase: 'starting' }],
    ['its start was cut short', { run: intent }, { phase: 'created', detail: 'its start was cut short' }],
    ['it ended', { exitCode: 3 }, { phase: 'exited', exitCode: 3, leftovers: [] }],
    ['it ended before it was recorded', { run: intent, exitCode: 3 }, { phase: 'exited', exitCode: 3, leftovers: [] }],
    ['it was killed', {}, { phase: 'exited', exitCode: 137, detail: 'killed', leftovers: [] }],
    [
      'it ended and left something',
      { exitCode: 0, members: [leftover] },
      { phase: 'exited', exitCode: 0, detail: 'processes it started still run: 102 (agent)', leftovers: [leftover] },
    ],
    [
      'the machine was restarted',
      { bootId: 'the next boot', members: [leftover] },
      { phase: 'exited', exitCode: 137, detail: 'the machine was restarted while it ran', leftovers: [] },
    ],
    [
      'the machine was restarted after it had ended',
      { bootId: 'the next boot', exitCode: 0 },
      { phase: 'exited', exitCode: 0, leftovers: [] },
    ],
  ])('%s', (_name, more, state) => {
    expect(stateOf(evidence(more))).toEqual(state);
  });

  it('is not told by the latch of another run', () => {
    expect(stateOf(evidence({ members: [latchOf({ ...run, number: 1 })] }))).toMatchObject({ phase: 'exited' });
  });
});

describe('processes whose folder is gone', () => {
  it('are instances still, read from their own environment', () => {
    expect(sightStrays('shop', new Set(), [leftover, latch])).toEqual([
      { instance, run, state: { phase: 'running', latch } },
    ]);
  });

  it('are none of another workspace, none that are known, and none that lie about themselves', () => {
    const liar: RunningProcess = { ...latch, variables: { ...latch.variables, AAC_INSTANCE_ID: 'shop/other/0f' } };
    expect(sightStrays('shop-2', new Set(), [latch])).toEqual([]);
    expect(sightStrays('shop', new Set([cookieOf(instance)]), [latch])).toEqual([]);
    expect(sightStrays('shop', new Set(), [liar])).toEqual([]);
    expect(sightStrays('shop', new Set(), [fakeProcess(1, { cookie: cookieOf(instance) })])).toEqual([]);
  });

  it('are found without what was applied when that is too much for an environment', () => {
    const large = { ...instance, record: { ...instance.record, lastApplied: { text: 'x'.repeat(40_000) } } };
    const variables = { ...latch.variables, AAC_RECORD: encodeRecord(large, run) };
    expect(variables.AAC_RECORD.length).toBeLessThan(4_000);
    const [stray] = sightStrays('shop', new Set(), [{ ...latch, variables }]);
    expect(stray?.instance.record).toEqual({ ...instance.record, lastApplied: {} });
  });
});

describe('a cookie', () => {
  it('is read back, whatever the workspace is called', () => {
    const odd = { ...instance, record: { ...instance.record, workspace: 'my shop/ü' } };
    expect(cookieOf(odd)).not.toMatch(/\s/);
    expect(parseCookie(cookieOf(odd))).toEqual({ workspace: 'my shop/ü', name: instance.name, nonce: '0f0f' });
    expect(['', 'a', 'a/b', 'a//c', 'a/b/c/d', '%/b/c'].map(parseCookie)).toEqual(Array(6).fill(undefined));
  });
});
