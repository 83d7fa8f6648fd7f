import { expect, it } from 'vitest';
import { container } from '../e2e/manifests.ts';
import { runningOnce, dockerWorld } from '../e2e/world.ts';
import { describeDocker } from '../support/docker.ts';

describeDocker('a container whose new version fails', () => {
  it('goes back to the one before, is kept so, and follows its manifest again once that changes', async () => {
    await using rig = dockerWorld.rig();
    const version = (value: string, more: object = {}): string =>
      container('web', {
        environment: [{ name: 'VERSION', value }],
        deployment: { strategy: 'recreate', autoRollback: true },
        ...more,
      });
    const runs = async (): Promise<string | undefined> =>
      (await runningOnce(dockerWorld, rig)).get('web/0')?.environment.find((each) => each.startsWith('VERSION='));
    rig.write({ 'web.agent.yaml': version('one') });
    await rig.apply();

    const fails = { command: ['false'], interval: '1s', startInterval: '1s', startPeriod: '0s', retries: 1 };
    rig.write({ 'web.agent.yaml': version('two', { healthCheck: fails }) });
    const once = await rig.aac('watch', '--once');
    expect(once.exitCode).toBe(1);
    expect(once.all).toContain('agent/web goes back to revision 1: its rollout failed as revision 2');
    expect(await runs()).toBe('VERSION=one');

    await rig.aac('stop', 'web');
    const again = await rig.aac('watch', '--once');
    expect(again.exitCode, again.all).toBe(0);
    expect(await runs()).toBe('VERSION=one');

    rig.write({ 'web.agent.yaml': version('three') });
    await rig.aac('watch', '--once');
    expect(await runs()).toBe('VERSION=three');
  });
});
