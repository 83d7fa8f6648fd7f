import { describe, expect, test } from 'vitest';
import { showsProcesses, processWorld, runningOnce } from './world.ts';
import { shell } from './manifests.ts';

describe.runIf(showsProcesses)('a rollout of a local process', () => {
  const version = (letter: string, script: string) =>
    processWorld.agent('web', {
      ...shell(script),
      environment: [{ name: 'VERSION', value: letter }],
      deployment: { strategy: 'rolling', minReadySeconds: 1, progressDeadline: '20s' },
    });
  const letters = async (rig: Parameters<typeof runningOnce>[1]) =>
    ((await processWorld.running(rig)).get('web/0') ?? []).map(({ environment }) =>
      environment.find((entry) => entry.startsWith('VERSION=')),
    );

  test('keeps the old one running until the new one is ready, and when it never is', async () => {
    await using rig = processWorld.rig();
    rig.write({ 'web.agent.yaml': version('a', 'sleep 1000') });
    await rig.apply();
    const old = (await runningOnce(processWorld, rig)).get('web/0');

    rig.write({ 'web.agent.yaml': version('b', 'exit 3') });
    const failed = await rig.aac('apply', '--auto-approve');
    expect(failed.exitCode, failed.all).toBe(1);
    expect(failed.all).toContain('exited with code 3');
    expect(failed.all).toContain('what ran before was not touched');
    expect((await runningOnce(processWorld, rig)).get('web/0')).toEqual(old);

    rig.write({ 'web.agent.yaml': version('c', 'sleep 1000') });
    const rolling = rig.begin('apply', '--auto-approve');
    await rolling.until(/agent\/web\/0: waiting until it is ready/);
    expect((await letters(rig)).sort()).toEqual(['VERSION=a', 'VERSION=c']);
    expect((await rolling.ended).exitCode).toBe(0);
    expect(await letters(rig)).toEqual(['VERSION=c']);
    expect((await rig.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);
  });
});
