import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Rig } from '../support/rig.ts';
import { localProcess, shell } from './manifests.ts';
import { namesOf, processWorld, runningOnce } from './world.ts';

/** Kills the whole group of a replica, the latch that would write its exit code down included. */
async function kill(rig: Rig, replica: string): Promise<void> {
  const [pid = ''] = (await runningOnce(processWorld, rig)).get(replica)?.identity.split(' ') ?? [];
  process.kill(-Number(pid), 'SIGKILL');
  await expect.poll(async () => (await processWorld.running(rig)).has(replica)).toBe(false);
}

async function expectConverged(rig: Rig): Promise<void> {
  expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  expect(await rig.aac('drift')).toMatchObject({ exitCode: 0 });
}

describe('drift of processes', () => {
  test('one that was killed by hand is named, and apply starts it again and nothing else', async () => {
    await using rig = processWorld.rig();
    rig.write({ 'web.agent.yaml': localProcess('web'), 'other.agent.yaml': localProcess('other') });
    await rig.apply();
    const before = await runningOnce(processWorld, rig);
    await kill(rig, 'web/0');

    const drift = await rig.aac('drift');
    expect(drift.exitCode).toBe(2);
    expect(drift.stdout).toMatch(/agent\/web\/0 +is not running/);
    const plan = await rig.aac('plan', '--detailed-exitcode');
    expect(plan.exitCode).toBe(2);
    expect(plan.stdout).toMatch(/agent\/web\/0 .*(started|replaced|created)/);
    expect(plan.stdout).not.toContain('agent/other/0 ');

    await rig.apply();
    expect(await namesOf(processWorld, rig)).toEqual(['other/0', 'web/0']);
    expect((await runningOnce(processWorld, rig)).get('other/0')).toEqual(before.get('other/0'));
    await expectConverged(rig);
  });

  test('one that has crashed is named with its exit code', async () => {
    await using rig = processWorld.rig();
    rig.write({
      'web.agent.yaml': localProcess('web', shell('while [ ! -e crash ]; do sleep 0.1; done; exit 7')),
    });
    await rig.apply();
    rig.write({ crash: '' });
    await expect.poll(async () => (await processWorld.running(rig)).size, { timeout: 20_000 }).toBe(0);
    expect((await rig.aac('plan')).stdout).toMatch(/agent\/web\/0 .*exited with code 7/);
    rig.remove('crash');
    await rig.apply();
    await expectConverged(rig);
  });

  test('what runs is found without the state folder: the plan is the same and nothing is doubled', async () => {
    await using rig = processWorld.rig();
    rig.write({
      'web.agent.yaml': localProcess('web', { environment: [{ name: 'A', value: 'one' }] }),
      'same.agent.yaml': localProcess('same'),
      'old.agent.yaml': localProcess('old'),
    });
    await rig.apply();
    const running = await runningOnce(processWorld, rig);
    rig.edit('web.agent.yaml', 'value: one', 'value: two');
    rig.remove('old.agent.yaml');
    const before = await rig.plan();

    rmSync(rig.state, { recursive: true });
    const after = await rig.plan();
    expect(after.nodes).toEqual(before.nodes);
    expect(after.digest).toBe(before.digest);
    await rig.apply();
    expect(await namesOf(processWorld, rig)).toEqual(['same/0', 'web/0']);
    expect((await runningOnce(processWorld, rig)).get('same/0')).toEqual(running.get('same/0'));
    await expectConverged(rig);
  });
});
