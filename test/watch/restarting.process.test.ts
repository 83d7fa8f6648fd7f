import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../drivers/process/rig.ts';
import { createWatchRig, type Row, type WatchRig } from './watch-rig.ts';

/** Waits until `aac ps` shows the agent so. */
async function shown(rig: WatchRig, agent: string, isSo: (row: Row) => boolean): Promise<Row> {
  let row: Row | undefined;
  await eventually(
    async () => (row = await rig.ps(agent)) !== undefined && isSo(row),
    () => JSON.stringify(row),
  );
  if (!row) throw new Error(`there is no ${agent}`);
  return row;
}

async function started(rig: WatchRig, agent: string, times: number): Promise<readonly number[]> {
  let pids: readonly number[] = [];
  await eventually(
    async () => (pids = await rig.pids(agent)).length >= times,
    () => pids.join(' '),
  );
  return pids;
}

test('an agent that is killed is started again, and ps counts it', async () => {
  await using rig = await createWatchRig();
  await rig.agent('web', 'exec sleep 1000');
  const watching = rig.watch();
  const [first = 0] = await started(rig, 'web', 1);
  process.kill(first, 'SIGKILL');
  await started(rig, 'web', 2);
  expect(await shown(rig, 'web', ({ restarts }) => restarts > 0)).toMatchObject({ state: 'running', restarts: 1 });
  expect(await rig.pids('web')).toHaveLength(2);
  expect(await watching.end('SIGINT')).toBe(0);
  expect(watching.output()).toMatch(/agent\/web\/0 exited with code 137; it is restarted in (?:0\.9|1\.[01]) s/);
  expect((await shown(rig, 'web', () => true)).state).toBe('running');
});

test('an agent that will not stay up is given up after its retries, ps says so, and apply tries again', async () => {
  await using rig = await createWatchRig();
  await rig.agent('web', 'exit 7', '  restartPolicy: { name: on-failure, maxRetries: 1 }');
  rig.watch();
  const failed = await shown(rig, 'web', ({ supervision }) => supervision?.state === 'failed');
  expect(failed).toMatchObject({
    state: 'exited',
    exitCode: 7,
    restarts: 1,
    supervision: { because: 'exited with code 7; given up after 1 restarts' },
  });
  expect(await rig.pids('web')).toHaveLength(2);
  expect((await rig.aac('ps')).stdout).toContain('failed (7)');

  await rig.aac('apply', '--auto-approve');
  await started(rig, 'web', 3);
});

test('an unhealthy agent is restarted, and healthy afterwards', async () => {
  await using rig = await createWatchRig();
  const sign = rig.out('sign');
  const check = `type: file, path: ${sign}, interval: 100ms, startInterval: 100ms, retries: 2, startPeriod: 0s`;
  await rig.agent('web', `touch ${sign}; exec sleep 1000`, `  healthCheck: { ${check} }`);
  await rig.agent('app', 'exec sleep 1000', '  dependsOn: [web]');
  const watching = rig.watch();
  await shown(rig, 'web', ({ health }) => health === 'healthy');
  const live = rig.follow('events', '--since', '1h');
  await rm(sign);
  await started(rig, 'web', 2);
  expect(await shown(rig, 'web', (row) => row.health === 'healthy' && row.restarts > 0)).toMatchObject({ restarts: 1 });
  expect(watching.output()).toContain(`agent/web/0 unhealthy: \`${sign}\` does not exist`);
  const [unwell, well] = [/web\/0 +unhealthy: `.*sign` does not exist\n/, /unhealthy:[^]* web\/0 +healthy\n/];
  const all = [unwell, well, /app\/0 +aac: depends on web\/0, which is not well\n/];
  await eventually(
    async () => all.every((each) => each.test(live.output())),
    () => live.output(),
  );
  expect(await rig.pids('web')).toHaveLength(2);
});

test('a broken manifest is said once, and leaves what was valid in force', async () => {
  await using rig = await createWatchRig();
  await rig.agent('web', 'exec sleep 1000');
  const watching = rig.watch();
  const [first = 0] = await started(rig, 'web', 1);
  await writeFile(join(rig.project, 'web.agent.yaml'), 'kind: [');
  await eventually(async () =>
    watching.output().includes('`web.agent.yaml` stays in force as it was when it last was valid'),
  );
  process.kill(first, 'SIGKILL');
  await started(rig, 'web', 2);
  watching.process.kill('SIGHUP');
  await rig.agent('next', 'exec sleep 1000');
  await rm(join(rig.project, 'web.agent.yaml'));
  await rig.agent('web', 'exec sleep 1000');
  await started(rig, 'next', 1);
  expect(watching.output().match(/stays in force as it was/g)).toHaveLength(1);
  expect(await shown(rig, 'web', ({ state }) => state === 'running')).toMatchObject({ restarts: 1 });
});
