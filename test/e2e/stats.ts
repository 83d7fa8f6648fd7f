import { expect, test } from 'vitest';
import { shell } from './manifests.ts';
import type { World } from './world.ts';

/** One agent of `aac stats --format json`. */
export interface Stats {
  readonly address: string;
  readonly status: string;
  readonly cpu?: { readonly percent?: number };
  readonly memory?: { readonly used: number; readonly limit: number; readonly percent: number };
  readonly network?: { readonly received: number; readonly sent: number };
  readonly pids?: number;
}

/** A script that uses a good part of a core and leaves the rest to other tests. */
export const busy = 'i=0; while :; do i=$((i+1)); [ $((i % 20000)) = 0 ] && sleep 0.1; done';

/** `stats`. */
export function statsTests(world: World): void {
  test('stats measures what runs and tells no numbers of what does not', async () => {
    await using rig = world.rig();
    const limited = { resources: { limits: { memory: '64Mi' } } };
    rig.write({
      'busy.agent.yaml': world.agent('busy', { ...shell(busy), ...limited }),
      'idle.agent.yaml': world.agent('idle'),
      'ended.agent.yaml': world.agent('ended'),
    });
    await rig.apply();
    await rig.aac('stop', 'ended');

    const once = await rig.aac('stats', '--once', '--format', 'json', 'busy', 'idle/0', 'ended');
    expect(once.exitCode, once.all).toBe(0);
    const { type, agents } = JSON.parse(once.stdout) as { readonly type: string; readonly agents: readonly Stats[] };
    expect(type).toBe('stats');
    const [active, ended, idle] = agents;
    expect(active).toMatchObject({ address: 'agent/busy/0', status: 'measured', memory: { limit: 64 * 2 ** 20 } });
    expect(active?.cpu?.percent).toBeGreaterThan(idle?.cpu?.percent ?? Infinity);
    expect(active?.memory?.used).toBeGreaterThan(0);
    expect(active?.memory?.used).toBeLessThan(64 * 2 ** 20);
    expect(active?.pids).toBeGreaterThan(0);
    expect(active?.network !== undefined).toBe(world.driver === 'docker');
    expect(ended).toMatchObject({ address: 'agent/ended/0', status: 'not-running', state: 'exited' });
    expect(ended).not.toHaveProperty('cpu');
    expect(ended).not.toHaveProperty('memory');

    const table = await rig.aac('stats', '--once');
    expect(table.stdout).toMatch(/^AGENT +REPLICA +CPU +MEMORY +LIMIT +MEM %/);
    expect(table.stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['AGENT', 'busy', 'idle', '']);

    const live = rig.begin('stats', 'busy', '--format', 'json', '--interval', '100ms');
    await live.until((printed) => printed.split('\n').length > 2);
    live.signal('SIGINT');
    const { exitCode, stdout } = await live.ended;
    expect(exitCode).toBe(0);
    for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ type: 'stats' });
  });
}
