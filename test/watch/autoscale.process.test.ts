import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { eventually } from '../drivers/process/rig.ts';
import { createWatchRig } from './watch-rig.ts';

/** What the spec of an agent says whose number follows its cpu. */
const scaled = `  resources: { requests: { cpu: 50m } }
  scaling: { maxReplicas: 2 }
  autoscaling: { targetCPUUtilizationPercentage: 70, scaleDownDelay: 2s }
  lifecycle: { bestEffort: [resources.requests.cpu] }
  stop: { gracePeriod: 1s }`;

test('an agent gets a second process under load, and loses the newest again after it', async () => {
  await using rig = await createWatchRig();
  const load = rig.out('load');
  await writeFile(load, '');
  const spin = 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 0.05';
  await rig.agent('web', `while :; do if [ -e ${load} ]; then ${spin}; else sleep 0.2; fi; done`, scaled);
  const watching = rig.watch('--scale-interval', '1s');
  const alive = async (): Promise<readonly number[]> => {
    const members = new Set((await rig.members()).map(({ pid }) => pid));
    return (await rig.pids('web')).filter((pid) => members.has(pid));
  };
  const settles = (count: number): Promise<void> =>
    eventually(
      async () => (await alive()).length === count,
      () => watching.output(),
    );
  await settles(1);
  const before = await alive();
  await settles(2);
  await rm(load);
  await settles(1);
  expect(await alive()).toEqual(before);
  expect(watching.output()).toMatch(/agent\/web\/1 will be deleted, scaled from 2 to 1: cpu \d+ % of 70 %/);
});
