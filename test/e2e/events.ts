import { expect, test } from 'vitest';
import { shell } from './manifests.ts';
import type { World } from './world.ts';

/** One line of `aac events --format jsonl`. */
interface Told {
  readonly source: string;
  readonly event: string;
  readonly address?: string;
  readonly exitCode?: number;
  readonly command?: string;
  readonly verb?: string;
}

/** `events`. */
export function eventsTests(world: World): void {
  test('events tells what happens to agents and what aac does, as it happens and from before', async () => {
    await using rig = world.rig();
    rig.write({
      'web.agent.yaml': world.agent('web'),
      'once.agent.yaml': world.agent('once', { ...shell('sleep 2; exit 7'), restartPolicy: 'never' }),
    });
    await rig.apply('--target', 'web');
    const live = rig.begin('events', '--format', 'jsonl');
    const told = (): readonly Told[] =>
      live
        .printed()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Told);
    const eventsOf = (address: string): readonly string[] =>
      told().flatMap((each) => (each.source === world.driver && each.address === address ? [each.event] : []));
    // it listens once a restart is told: those before it listened are not
    await expect
      .poll(
        async () => {
          await rig.aac('restart', 'web');
          return eventsOf('agent/web/0');
        },
        { timeout: 40_000 },
      )
      .toEqual(expect.arrayContaining(['ended', 'started']));
    await rig.aac('apply', '--auto-approve');
    await expect.poll(() => eventsOf('agent/once/0'), { timeout: 20_000 }).toEqual(['created', 'started', 'ended']);
    expect(told()).toContainEqual(
      expect.objectContaining({ source: world.driver, address: 'agent/once/0', event: 'ended', exitCode: 7 }),
    );
    expect(told()).toContainEqual(
      expect.objectContaining({ source: 'aac', event: 'apply-started', command: 'aac restart web' }),
    );
    live.signal('SIGINT');
    expect((await live.ended).exitCode).toBe(0);

    const past = rig.begin('events', 'once', '--since', '1h');
    await past.until(/once\/0 +aac: create succeeded/);
    past.signal('SIGINT');
    const { exitCode, stdout } = await past.ended;
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('web/0');
  });
}
