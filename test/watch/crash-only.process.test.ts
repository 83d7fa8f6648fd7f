import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { eventually } from '../drivers/process/rig.ts';
import { createWatchRig, type WatchRig } from './watch-rig.ts';

async function until(rig: WatchRig, agent: string, times: number): Promise<readonly number[]> {
  await eventually(async () => (await rig.pids(agent)).length >= times);
  return rig.pids(agent);
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('a second watch refuses and says who watches; one that was killed is taken over from at once', async () => {
  await using rig = await createWatchRig();
  await rig.agent('web', 'exec sleep 1000');
  const first = rig.watch();
  await rig.watched();
  const second = rig.watch();
  expect((await second.process).exitCode).toBe(1);
  expect(second.output()).toContain(`process ${String(first.process.pid)}`);

  await first.end('SIGKILL');
  expect((await rig.aac('watch', '--status')).exitCode).toBe(1);
  const third = rig.watch();
  await eventually(async () => third.output().includes('watching '));
  await rig.watched();
  expect((await rig.aac('watch', '--status')).stdout).toContain(`process ${String(third.process.pid)}`);
});

test('agents outlive a killed watch with their exit codes, and the next one carries on', async () => {
  await using rig = await createWatchRig();
  const gate = rig.out('gate');
  await rig.agent('web', 'exec sleep 1000');
  await rig.agent(
    'job',
    `while ! test -e ${gate}; do sleep 0.05; done; exit 7`,
    '  restartPolicy: { name: on-failure }',
  );
  const first = rig.watch();
  const [web = 0] = await until(rig, 'web', 1);
  await until(rig, 'job', 1);
  await first.end('SIGKILL');
  expect(isAlive(web)).toBe(true);

  await writeFile(gate, '');
  await eventually(async () => (await rig.ps('job'))?.state === 'exited');
  expect(await rig.ps('job')).toMatchObject({ exitCode: 7, restarts: 0 });
  expect(await rig.pids('job')).toHaveLength(1);

  rig.watch();
  await until(rig, 'job', 2);
  expect(await rig.pids('web')).toEqual([web]);
  expect((await rig.ps('web'))?.restarts).toBe(0);
});

test('a watch that is killed again and again, whatever it was doing, loses no restart and doubles none', async () => {
  await using rig = await createWatchRig();
  await rig.agent('calm', 'exec sleep 1000');
  await rig.agent('wild', 'sleep 0.3; exit 1');
  for (const pause of [0, 60, 130, 250, 400, 700, 1_100, 1_700]) {
    const watching = rig.watch();
    await rig.watched();
    await new Promise((resolve) => setTimeout(resolve, pause)); // no guess: the moment of the kill
    await watching.end('SIGKILL');
  }
  rig.watch();
  await rig.watched();
  const before = (await rig.pids('wild')).length;
  await until(rig, 'wild', before + 1);
  await eventually(async () => (await rig.ps('wild'))?.restarts === (await rig.pids('wild')).length - 1);
  expect(await rig.pids('calm')).toHaveLength(1);
  const calm = await rig.ps('calm');
  expect(calm).toMatchObject({ state: 'running', restarts: 0 });
  const latches = (await rig.members()).filter(({ variables }) => variables.AAC_LATCH !== undefined);
  const addresses = latches.map(({ variables }) => variables.AAC_ADDRESS);
  expect(new Set(addresses).size).toBe(addresses.length);
});
