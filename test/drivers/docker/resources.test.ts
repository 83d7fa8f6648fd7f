import { describe, expect, it } from 'vitest';
import { removalsAtOnce } from '../../../src/drivers/docker/limits.ts';
import { afterPullLine, noProgress } from '../../../src/drivers/docker/pull.ts';
import { cpuShares, liveLimits, liveRestartPolicy, updateBody } from '../../../src/drivers/docker/resources.ts';

describe('live limits', () => {
  it('that are 0, missing or negative are none', () => {
    expect(liveLimits({ NanoCpus: 0, Memory: 0, PidsLimit: null })).toEqual({ cpu: null, memory: null, pids: null });
    expect(liveLimits({ PidsLimit: -1, CpuQuota: -1 })).toEqual({ cpu: null, memory: null, pids: null });
  });

  it('that were set by hand as a quota read as cores', () => {
    expect(liveLimits({ NanoCpus: 0, CpuQuota: 50_000, CpuPeriod: 100_000 }).cpu).toBe(5e8);
  });
});

describe('the body of an update', () => {
  it('sets memory and swap together', () => {
    expect(updateBody({ limits: { memory: 1e9 } }, {})).toEqual({ Memory: 1e9, MemorySwap: 1e9 });
  });

  it('takes a memory limit away in a way that reads as none', () => {
    expect(liveLimits(updateBody({ limits: { memory: null } }, { Memory: 1e9 })).memory).toBeNull();
  });

  it('takes the number of processes off its limit', () => {
    expect(updateBody({ limits: { pids: null } }, {})).toEqual({ PidsLimit: -1 });
  });

  it('changes a quota as a quota, since the engine refuses the two together', () => {
    const host = { NanoCpus: 0, CpuQuota: 50_000, CpuPeriod: 100_000 };
    expect(updateBody({ limits: { cpu: 75e7 } }, host)).toEqual({ CpuPeriod: 100_000, CpuQuota: 75_000 });
    expect(updateBody({ limits: { cpu: null } }, host)).toEqual({ CpuPeriod: 100_000, CpuQuota: -1 });
    expect(updateBody({ limits: { cpu: 75e7 } }, { NanoCpus: 5e8 })).toEqual({ NanoCpus: 75e7 });
  });
});

describe('the restart policy', () => {
  it('of a container that was changed by hand stands as it is', () => {
    const host = { RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 } };
    expect(liveRestartPolicy(host, { name: 'always', maxRetries: 0 })).toEqual({
      name: 'unless-stopped',
      maxRetries: 0,
    });
  });

  it('counts retries on failure alone, so elsewhere they are as recorded', () => {
    const host = { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } };
    expect(liveRestartPolicy(host, { name: 'always', maxRetries: 5 })).toEqual({ name: 'always', maxRetries: 5 });
  });
});

it('CPU requests become shares as the kubelet reckons them', () => {
  expect([1e9, 5e8, 1e6, 0].map(cpuShares)).toEqual([1024, 512, 2, 2]);
});

it.each([
  [undefined, 1],
  ['20.10.24+dfsg1', 1],
  ['19.03.15', 1],
  ['20.10.27', 2],
  ['20.11.0', 2],
  ['26.1.5', 2],
  ['unknown', 1],
])('an engine of version %s bears %i removals at once', (version, removals) => {
  expect(removalsAtOnce(version)).toBe(removals);
});

it('a pull counts its layers and keeps its failure', () => {
  const lines = [
    '{"status":"Pulling from library/x","id":"1"}',
    '{"status":"Already exists","id":"aa"}',
    '{"status":"Downloading","id":"bb","progress":"[=> ]"}',
    'not json',
    '{"status":"Pull complete","id":"bb"}',
    '{"errorDetail":{"message":"toomanyrequests"},"error":"toomanyrequests"}',
  ];
  const progress = lines.reduce(afterPullLine, noProgress);
  expect([progress.done.size, progress.layers.size, progress.failure]).toEqual([2, 2, 'toomanyrequests']);
});
