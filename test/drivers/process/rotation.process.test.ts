import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogLine } from '../../../src/drivers/driver.ts';
import { startCutter } from '../../../src/drivers/process/cutter.ts';
import { logPaths, writeLogState, type LogPaths } from '../../../src/drivers/process/log-state.ts';
import { signalVerified, identityOf } from '../../../src/drivers/process/identity.ts';
import { parseCookie } from '../../../src/drivers/process/instance.ts';
import { createRig, eventually, shell, type Rig } from './rig.ts';

const signal = new AbortController().signal;
const counts = (last: number): readonly string[] => Array.from({ length: last }, (_, index) => String(index + 1));

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

/** Looks after the workspace over and over while the instance runs; how often a log was rotated. */
async function maintainWhileRunning(ref: string): Promise<number> {
  let rotations = 0;
  while ((await rig.look(ref))?.phase === 'running') {
    const done = (await rig.driver.maintain?.(rig.workspace, signal)) ?? [];
    expect(done.filter(({ action }) => action === 'failed')).toEqual([]);
    rotations += done.length;
  }
  return rotations;
}

async function collect(lines: AsyncIterable<LogLine>): Promise<readonly LogLine[]> {
  const collected: LogLine[] = [];
  for await (const line of lines) collected.push(line);
  return collected;
}

function pathsOf(ref: string): LogPaths {
  return logPaths(join(rig.state, 'processes', parseCookie(ref)?.name ?? '', 'stdout.log'));
}

describe('rotation', () => {
  it('loses, doubles and disorders none of 400,000 lines written flat out, for who follows and for who comes later', async () => {
    await writeFile(
      join(rig.root, 'count.js'),
      `const [last, to] = process.argv.slice(2).map(Number);
      for (let line = 1; line <= last; line++) require('fs').writeSync(to, line + '\\n');`,
    );
    const node = `'${process.execPath}' count.js`;
    const writers = `setsid sh -c "${node} 200000 2; : >half" & ${node} 400000 1; until test -e half; do sleep 0.01; done`;
    const ref = await rig.start(shell(writers, { logging: { maxSize: 100_000, maxFiles: 1_000 } }));
    const following = collect(rig.driver.logs(ref, { follow: true, signal }));
    expect(await maintainWhileRunning(ref)).toBeGreaterThan(1);
    for (const lines of [await following, await rig.logs(ref)]) {
      const of = (stream: LogLine['stream']) => lines.filter((line) => line.stream === stream).map(({ text }) => text);
      expect(of('stdout')).toEqual(counts(400_000));
      expect(of('stderr')).toEqual(counts(200_000));
    }
    expect((await rig.logs(ref, 5)).map(({ text }) => text)).toEqual([
      '199996',
      '199997',
      '199998',
      '199999',
      '200000',
    ]);
  });

  it('keeps `maxFiles` files, and begins with a whole line', async () => {
    const script = 'while :; do seq 1 20000; done';
    const ref = await rig.start(shell(script, { logging: { maxSize: 50_000, maxFiles: 3 } }));
    let rotations = 0;
    await eventually(async () => {
      rotations += ((await rig.driver.maintain?.(rig.workspace, signal)) ?? []).length;
      return rotations >= 4;
    });
    const files = (await readdir(join(pathsOf(ref).live, '..'))).filter((name) => /^stdout\.log(\.\d+)?$/.test(name));
    expect(files.sort()).toEqual(['stdout.log', 'stdout.log.1', 'stdout.log.2']);
    const [first, second] = (await rig.logs(ref)).map(({ text }) => Number(text));
    expect(second).toBe(((first ?? 0) % 20_000) + 1);
  });

  it('leaves who was stopped before as it was', async () => {
    const ref = await rig.start(
      shell('(setsid sleep 60) & seq 1 1000; exec sleep 60', { logging: { maxSize: 10, maxFiles: 2 } }),
    );
    await eventually(async () => (await rig.members()).filter(({ command }) => command === 'sleep').length === 2);
    await eventually(async () => (await rig.logs(ref, 1))[0]?.text === '1000');
    const bootId = await rig.system.bootId();
    const sleepers = (await rig.members()).filter(({ command }) => command === 'sleep');
    for (const sleeper of sleepers.slice(0, 1))
      await signalVerified(rig.system, identityOf(sleeper, bootId), 'SIGSTOP', 'process');
    await eventually(async () => (await rig.members()).some(({ stopped }) => stopped));
    expect(await rig.driver.maintain?.(rig.workspace, signal)).toMatchObject([{ action: 'rotated' }]);
    const stopped = (await rig.members()).filter((member) => member.stopped).map(({ pid }) => pid);
    expect(stopped).toEqual([sleepers[0]?.pid]);
  });

  it('happens before a start, too, where nobody looks after the workspace', async () => {
    const spec = shell('seq 1 1000', { logging: { maxSize: 100, maxFiles: 3 } });
    const ref = await rig.start(spec);
    await rig.until(ref, (seen) => seen?.phase === 'exited');
    expect(await rig.start(spec)).toBe(ref);
    await rig.until(ref, (seen) => seen?.phase === 'exited');
    expect((await rig.logs(ref)).map(({ text }) => text)).toEqual([...counts(1000), ...counts(1000)]);
    expect((await readFile(pathsOf(ref).rotated(1), 'utf8')).split('\n')).toHaveLength(1001);
  });
});

describe('a cutter whose aac is gone', () => {
  it('lets who was frozen go on, the cut that was ordered done', async () => {
    const ref = await rig.start(shell('echo before; exec sleep 60'));
    await eventually(async () => (await rig.logs(ref)).length === 1);
    const paths = pathsOf(ref);
    await writeFile(paths.copy, 'before\n');
    const cutter = await startCutter(paths);
    const bootId = await rig.system.bootId();
    for (const member of await rig.members()) {
      cutter.willThaw(member.pid);
      await signalVerified(rig.system, identityOf(member, bootId), 'SIGSTOP', 'process');
    }
    await eventually(async () => (await rig.members()).every(({ stopped }) => stopped));
    await writeLogState(paths, { base: 0, torn: false, cutting: 7 });
    cutter.cut();
    await cutter.finish(); // its input ends, as it does when aac is killed
    await eventually(async () => (await rig.members()).every(({ stopped }) => !stopped));
    expect(await readFile(paths.live, 'utf8')).toBe('');
    expect(await readFile(paths.cut, 'utf8')).toBe('before\n');
    await rig.driver.maintain?.(rig.workspace, signal);
    expect(await readFile(paths.rotated(1), 'utf8')).toBe('before\n');
    expect((await rig.logs(ref)).map(({ text }) => text)).toEqual(['before']);
  });
});
