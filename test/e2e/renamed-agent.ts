import { expect, test } from 'vitest';
import type { World } from './world.ts';
import { namesOf, runningOnce } from './world.ts';
import { agentText, type SpecFields } from './manifests.ts';

/** An agent called otherwise goes on, and is nobody's to delete. `keeps`: nothing of it hangs on its name. */
export function renamedAgentTests(world: World, spec: SpecFields, keeps: boolean): void {
  test('an agent that is renamed is not destroyed, and can be worked on by its new name', async () => {
    await using rig = world.rig();
    const agent = (name: string, previousNames: readonly string[], value: string) => ({
      'web.agent.yaml': agentText(
        name,
        { driver: world.driver, ...spec, environment: [{ name: 'VALUE', value }] },
        { previousNames },
      ),
    });
    rig.write(agent('web', [], 'first'));
    await rig.apply();
    const before = (await runningOnce(world, rig)).get('web/0');
    if (!before) throw new Error('it does not run');

    rig.write(agent('site', ['web'], 'first'));
    const { changes } = await rig.plan();
    const [change] = changes.filter(({ address }) => address.startsWith('agent/'));
    expect(change).toMatchObject({ address: 'agent/site/0', action: keeps ? 'no-op' : 'replace' });
    expect(change?.notes.join()).toContain('renamed from `web`');
    expect((await rig.aac('ps', '--format', 'json')).stdout).toContain('"agent/site/0"');
    if (keeps) {
      await rig.apply();
      expect((await runningOnce(world, rig)).get('web/0')).toEqual(before);
      expect(await rig.aac('restart', 'site')).toMatchObject({ exitCode: 0 });
      expect((await runningOnce(world, rig)).get('web/0')?.identity).not.toBe(before.identity);
      const events = rig.begin('events', 'site', '--since', '1h');
      await events.until(/site\/0 +aac: create succeeded[^]*site\/0 +aac: start succeeded/);
      events.signal('SIGINT');
      expect((await events.ended).all).not.toContain('web/0');
    }

    rig.write(agent('site', ['web'], 'second'));
    const { all } = await rig.apply();
    expect(all).toMatch(/agent\/site\/0 replaced/);
    expect(await namesOf(world, rig)).toEqual(['site/0']);
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });
}
