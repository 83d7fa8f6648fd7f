import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../drivers/process/rig.ts';
import { createWatchRig } from './watch-rig.ts';

test('a watch goes into the background, is found there, and its end leaves agents running', async () => {
  await using rig = await createWatchRig();
  await rig.agent('web', 'exec sleep 1000');
  const detached = await rig.aac('watch', '--detach');
  expect(detached.exitCode, detached.all).toBe(0);
  const pid = /process (\d+)/.exec(detached.stdout)?.[1] ?? '';
  expect(detached.stdout).toContain('aac watch --stop');
  await eventually(async () => (await rig.ps('web'))?.state === 'running');
  expect((await rig.aac('watch', '--status')).stdout).toContain(`process ${pid}`);
  expect((await rig.aac('watch', '--detach')).all).toContain(`watched already by process ${pid}`);
  expect((await rig.aac('plan')).all).not.toContain('nothing restarts crashed processes');

  const stopped = await rig.aac('watch', '--stop');
  expect(stopped.exitCode, stopped.all).toBe(0);
  expect((await rig.aac('watch', '--status')).exitCode).toBe(1);
  expect(await rig.ps('web')).toMatchObject({ state: 'running' });
  expect((await rig.aac('plan')).all).toContain('nothing restarts crashed processes');
  expect(await readFile(join(rig.state, 'watch.log'), 'utf8')).toContain('agent/web/0');
});

test('a resync that is no schedule is refused before anything starts', async () => {
  await using rig = await createWatchRig();
  const refused = await rig.aac('watch', '--detach', '--resync', 'whenever');
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain('`whenever` is no cron expression');
  expect((await rig.aac('watch', '--status')).exitCode).toBe(1);
});

test('destroy beside a watch says that it will not last, and is done in reverse order before the watch goes on', async () => {
  await using rig = await createWatchRig();
  const order = rig.out('order');
  const noting = (name: string): string =>
    `trap 'echo ${name} ended >>${order}; exit 0' TERM; echo ${name} started >>${order}; while :; do sleep 0.05; done`;
  await rig.agent('base', noting('base'));
  await rig.agent('top', noting('top'), '  dependsOn: [base]');
  rig.watch();
  await eventually(async () => (await rig.ps('top'))?.state === 'running');
  await eventually(async () => (await readFile(order, 'utf8')).includes('top started'));

  const destroyed = await rig.aac('destroy', '--auto-approve');
  expect(destroyed.exitCode, destroyed.all).toBe(0);
  expect(destroyed.stderr).toContain('will start all that the manifests declare again');
  await eventually(async () => (await readFile(order, 'utf8')).split('\n').length > 6);
  expect((await readFile(order, 'utf8')).trim().split('\n')).toEqual([
    'base started',
    'top started',
    'top ended',
    'base ended',
    'base started',
    'top started',
  ]);
});

test('apply beside a watch waits its turn, and nothing is started twice', async () => {
  await using rig = await createWatchRig();
  await rig.agent('web', 'exec sleep 1000');
  rig.watch();
  await rig.watched();
  const applied = await Promise.all([1, 2, 3].map(() => rig.aac('apply', '--auto-approve')));
  for (const { exitCode, all } of applied) expect(exitCode, all).toBe(0);
  await eventually(async () => (await rig.ps('web'))?.state === 'running');
  expect(await rig.pids('web')).toHaveLength(1);
});
