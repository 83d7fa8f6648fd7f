import { expect, test } from 'vitest';
import { shell } from './manifests.ts';
import { namesOf, runningOnce, type World } from './world.ts';

/** `stop`, `start` and `restart`. */
export function operateTests(world: World): void {
  test('agents are stopped, started and restarted by name, in the order of what they depend on', async () => {
    await using rig = world.rig();
    rig.write({
      'db.agent.yaml': world.agent('db'),
      'web.agent.yaml': world.agent('web', { dependsOn: ['db'], replicas: 2 }),
    });
    await rig.apply();
    const first = await runningOnce(world, rig);

    const one = await rig.aac('stop', 'web/1');
    expect(one.exitCode, one.all).toBe(0);
    expect(one.stdout).toContain('Stop complete: 1 stopped');
    expect(await namesOf(world, rig)).toEqual(['db/0', 'web/0']);
    const plan = await rig.plan();
    expect(plan.changes.filter(({ action }) => action !== 'no-op')).toMatchObject([
      { address: 'agent/web/1', action: 'start', cause: { type: 'not-running' } },
    ]);

    const rest = await rig.aac('stop', '--all', '--format', 'jsonl');
    expect(rest.exitCode, rest.all).toBe(0);
    expect(finished(rest.stdout)).toEqual(['stop agent/web/0', 'stop agent/db/0']);
    expect(await namesOf(world, rig)).toEqual([]);

    const started = await rig.aac('start', '--all', '--format', 'jsonl');
    expect(started.exitCode, started.all).toBe(0);
    const order = finished(started.stdout);
    expect(order.slice(0, 2)).toEqual(['start agent/db/0', 'wait ready agent/db/0']);
    expect(order).toHaveLength(6);
    const second = await runningOnce(world, rig);
    expect([...second.keys()].sort()).toEqual(['db/0', 'web/0', 'web/1']);
    expect((await rig.plan()).nodes).toEqual([]);

    const restarted = await rig.aac('restart', 'web', '--format', 'json');
    expect(restarted.exitCode, restarted.all).toBe(0);
    expect(JSON.parse(restarted.stdout)).toMatchObject({
      status: 'succeeded',
      counts: { done: { restart: 2 } },
      resources: [{ address: 'agent/web/0', action: 'restart' }, { address: 'agent/web/1' }],
    });
    const third = await runningOnce(world, rig);
    expect(third.get('db/0')?.identity).toBe(second.get('db/0')?.identity);
    for (const replica of ['web/0', 'web/1']) {
      expect(third.get(replica)?.identity).not.toBe(second.get(replica)?.identity);
      expect(third.get(replica)?.identity).not.toBe(first.get(replica)?.identity);
    }
  });

  test('--timeout is the patience with an agent that takes no notice', async () => {
    await using rig = world.rig();
    rig.write({
      'deaf.agent.yaml': world.agent('deaf', {
        ...shell('trap "" TERM; echo up; while :; do sleep 1; done'),
        stop: { gracePeriod: '10m' },
      }),
    });
    await rig.apply();
    await expect.poll(async () => (await rig.aac('logs', 'deaf')).stdout, { timeout: 20_000 }).toContain('up');
    const stopped = await rig.aac('stop', 'deaf', '--timeout', '200ms');
    expect(stopped.exitCode, stopped.all).toBe(0);
    expect(await namesOf(world, rig)).toEqual([]);
    const again = await rig.aac('stop', 'deaf');
    expect(again).toMatchObject({ exitCode: 0, stderr: 'agent/deaf/0 was not stopped: it does not run\n' });
  });
}

/** What succeeded, in the order in which it did. */
function finished(lines: string): readonly string[] {
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type: string; readonly node?: string; readonly status?: string })
    .flatMap(({ type, node, status }) => (type === 'node-finished' && status === 'succeeded' && node ? [node] : []));
}
