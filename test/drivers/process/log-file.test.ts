import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLineReader, findTail, lastLines, type Line } from '../../../src/drivers/process/log-file.ts';
import { logPaths, type LogPaths } from '../../../src/drivers/process/log-state.ts';

let folder: string;
let file: string;
let paths: LogPaths;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aac-log-'));
  file = join(folder, 'stdout.log');
  paths = logPaths(file);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function collect(batches: AsyncIterable<readonly Line[]>): Promise<readonly string[]> {
  const collected: string[] = [];
  for await (const lines of batches) collected.push(...lines.map(({ text }) => text));
  return collected;
}

describe('reading a log', () => {
  it('waits with a line, and a character, until they are whole', async () => {
    const reader = createLineReader(paths);
    expect(await collect(reader.batches())).toEqual([]);
    const bytes = Buffer.from('über\nnext', 'utf8');
    await writeFile(file, bytes.subarray(0, 1));
    expect(await collect(reader.batches())).toEqual([]);
    await appendFile(file, bytes.subarray(1));
    expect(await collect(reader.batches())).toEqual(['über']);
    expect(reader.rest()?.text).toBe('next');
    expect(reader.rest()).toBeUndefined();
  });

  it('keeps lines that are longer than what is read at once', async () => {
    const long = 'é'.repeat(100_000);
    await writeFile(file, `${long}\n\n${long}`);
    const reader = createLineReader(paths);
    expect(await collect(reader.batches())).toEqual([long, '']);
    expect(reader.rest()?.text).toBe(long);
  });

  it('begins anew when the file was cut', async () => {
    await writeFile(file, 'one\ntwo\n');
    const reader = createLineReader(paths);
    await collect(reader.batches());
    await writeFile(file, 'three\n');
    expect(await collect(reader.batches())).toEqual(['three']);
  });
});

describe('the end of a log', () => {
  it.each([
    ['', 3, []],
    ['one\n', 3, ['one']],
    ['one\ntwo\nthree\n', 2, ['two', 'three']],
    ['one\ntwo\nthree', 2, ['two', 'three']],
    ['\n\n\n', 2, ['', '']],
    ['one\ntwo\n', 0, []],
    ['one\ntwo\n', 2, ['one', 'two']],
  ])('of %j is, in %i lines, %j', async (text, count, lines) => {
    await writeFile(file, text);
    expect(await lastLines(paths, count)).toEqual(lines);
    expect((await findTail(paths, count)).lines).toBe(lines.length);
  });

  it('is found across many blocks', async () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `line ${String(index)}`);
    await writeFile(file, `${lines.join('\n')}\n`);
    expect(await lastLines(paths, 20_000)).toEqual(lines.slice(-20_000));
    expect(await findTail(paths, 40_000)).toEqual({ position: 0, lines: 30_000 });
  });

  it('of a file that is not there is empty', async () => {
    expect(await lastLines(paths, 5)).toEqual([]);
  });
});
