import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../drivers/process/rig.ts';
import { createWatchRig } from './watch-rig.ts';

const lines = 20_000;
const all = Array.from({ length: lines }, (_, index) => String(index + 1));

test('a watch rotates logs, and logs reads them whole across the files, followed, narrowed or from their end', async () => {
  await using rig = await createWatchRig();
  const go = rig.out('go');
  const script = `seq 1 ${String(lines / 2)}; while [ ! -e ${go} ]; do sleep 0.1; done; seq ${String(lines / 2 + 1)} ${String(lines)}; exec sleep 1000`;
  await rig.agent('web', script, '  logging: { maxSize: 20Ki, maxFiles: 50 }');
  rig.watch();
  const rotated = async (): Promise<number> => {
    const names = await readdir(join(rig.state, 'processes'), { recursive: true }).catch(() => []);
    return names.filter((name) => /stdout\.log\.\d+$/.test(name)).length;
  };
  await eventually(async () => (await rotated()) > 0);
  const following = rig.follow('logs', '-f', 'web');
  await eventually(async () => following.output().endsWith(`\n${String(lines / 2)}\n`));
  const before = await rotated();
  expect(await rig.aac('exec', 'web', '--', 'touch', go)).toMatchObject({ exitCode: 0 });
  await eventually(async () => (await rotated()) > before);
  await eventually(async () => following.output().endsWith(`\n${String(lines)}\n`));
  await following.end('SIGINT');
  expect(following.output().trimEnd().split('\n')).toEqual(all);

  const read = async (...parameters: readonly string[]): Promise<readonly string[]> =>
    (await rig.aac('logs', 'web', ...parameters)).stdout.split('\n').filter(Boolean);
  expect(await read()).toEqual(all);
  expect(await read('--since', '1h', '--tail', '3')).toEqual(all.slice(-3));
  expect(await read('--until', '1h')).toEqual([]);
  const stamped = await read('--timestamps');
  expect(stamped.map((line) => line.split(' ').at(-1))).toEqual(all);
  const times = stamped.map((line) => Date.parse(line.split(' ')[0] ?? ''));
  expect(times).toEqual([...times].sort((left, right) => left - right));
});
