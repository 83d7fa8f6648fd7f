import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogOptions } from '../../../src/drivers/driver.ts';
import { logPaths, writeLogState, type LogPaths } from '../../../src/drivers/process/log-state.ts';
import { addTime, readTimes, thinOut } from '../../../src/drivers/process/log-times.ts';
import { readLogs } from '../../../src/drivers/process/logs.ts';
import { createFakeClock } from './fake-system.ts';

let folder: string;
let paths: LogPaths;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aac-times-'));
  paths = logPaths(join(folder, 'stdout.log'));
  // six bytes were rotated away; the marks say when four, ten and sixteen had been written
  await writeLogState(paths, { base: 6, torn: false });
  await writeFile(paths.rotated(1), 'ab\ncd\n');
  await writeFile(paths.live, 'efg\nhij\nkl\n');
  await utimes(paths.live, 9, 9);
  for (const [position, time] of [
    [4, 1_000],
    [10, 2_000],
    [16, 3_000],
  ] as const)
    await addTime(paths, { position, time });
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function read(options: Partial<LogOptions>): Promise<readonly string[]> {
  const files = { stdout: paths.live, stderr: join(folder, 'stderr.log') };
  const parts = { isRunning: async () => false, createdAt: 100, clock: createFakeClock() };
  const lines: string[] = [];
  const wanted = { follow: false, signal: new AbortController().signal, ...options };
  for await (const batch of readLogs(files, wanted, parts)) {
    lines.push(...batch.map(({ text, time }) => (time === undefined ? text : `${String(Date.parse(time))} ${text}`)));
  }
  return lines;
}

describe('the time of a line', () => {
  it('is that of the first mark behind it, and after the last mark that of the file', async () => {
    expect(await read({ timestamps: true })).toEqual(['1000 ab', '2000 cd', '2000 efg', '3000 hij', '9000 kl']);
    expect(await read({})).toEqual(['ab', 'cd', 'efg', 'hij', 'kl']);
  });

  it.each([
    [0, ['ab', 'cd', 'efg', 'hij', 'kl']],
    [1_000, ['ab', 'cd', 'efg', 'hij', 'kl']],
    [1_001, ['cd', 'efg', 'hij', 'kl']],
    [2_500, ['hij', 'kl']],
    [8_000, ['kl']],
    [99_000, []],
  ])('decides what was written since %i, a line that was under way included', async (since, lines) => {
    expect(await read({ since })).toEqual(lines);
  });

  it.each([
    [50, []],
    [500, ['ab']],
    [1_000, ['ab']],
    [1_001, ['ab', 'cd', 'efg']],
    [3_000, ['ab', 'cd', 'efg', 'hij']],
    [3_001, ['ab', 'cd', 'efg', 'hij', 'kl']],
  ])('decides what may have been written until %i', async (until, lines) => {
    expect(await read({ until })).toEqual(lines);
  });

  it('and the last so many lines narrow each other', async () => {
    expect(await read({ until: 3_000, tail: 2 })).toEqual(['efg', 'hij']);
    expect(await read({ since: 1_001, until: 3_000, tail: 9 })).toEqual(['cd', 'efg', 'hij']);
    expect(await read({ since: 1_001, tail: 2 })).toEqual(['hij', 'kl']);
    expect(await read({ since: 2_500, tail: 9 })).toEqual(['hij', 'kl']);
  });
});

describe('the marks of a log', () => {
  it('are thinned out where they are many, and the last one stays', async () => {
    const marks = Array.from({ length: 10_000 }, (_, index) => ({ position: index, time: index }));
    const thinned = thinOut(marks);
    expect(thinned.length).toBeLessThanOrEqual(4096);
    expect(thinned.at(-1)).toEqual(marks.at(-1));
  });

  it('are read past a line that a crash cut off', async () => {
    await writeFile(paths.times, '4 1000\n10 20', { flag: 'w' });
    expect(await readTimes(paths)).toEqual([{ position: 4, time: 1000 }]);
  });
});
