import { expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { forgetTests } from './forget.ts';
import { container, localProcess } from './manifests.ts';
import { dockerWorld, namesOf } from './world.ts';

describeDocker('forgetting, on a real engine', () => {
  forgetTests(dockerWorld);

  test('an engine that is gone keeps nobody from planning once its driver is forgotten', async () => {
    await using rig = dockerWorld.rig();
    rig.write({ 'web.agent.yaml': localProcess('web'), 'old.agent.yaml': container('old') });
    await rig.apply();
    rig.remove('old.agent.yaml');
    const gone = rig.with({ environment: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
    const unread = await gone.aac('plan');
    expect(unread.exitCode).toBe(1);
    expect(unread.stderr).toContain('error[driver-unreachable]');
    expect(unread.stderr).toContain('aac forget --driver docker');

    const { exitCode, stdout, all } = await gone.aac('forget', '--driver', 'docker');
    expect(exitCode, all).toBe(0);
    expect(stdout).toContain('should it answer again, plans see it again');
    expect(await gone.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
    expect(await namesOf(dockerWorld, rig)).toEqual(['old/0']);
    expect((await rig.aac('plan')).stdout).toMatch(/agent\/old\/0 .*will be deleted/);
  });
});
