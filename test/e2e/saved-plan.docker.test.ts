import { expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { agentContainer, docker } from './engine-view.ts';
import { savedPlanTests } from './saved-plan.ts';
import { dockerWorld, runningOnce } from './world.ts';

describeDocker('a saved plan of containers', () => {
  savedPlanTests(dockerWorld, async ({ workspace }, replica) => {
    const { Id } = await agentContainer(workspace, replica);
    await docker().getContainer(Id).update({ PidsLimit: 77 });
  });

  test('does not touch a container that has taken the place of the one it was made for', async () => {
    await using rig = dockerWorld.rig();
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web') });
    await rig.apply();
    rig.remove('web.agent.yaml');
    await rig.aac('plan', '--allow-delete', '--out', 'plan.json');
    const old = await agentContainer(rig.workspace, 'web/0');
    await docker().getContainer(old.Id).remove({ force: true });
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web') });
    await rig.apply();
    const before = await runningOnce(dockerWorld, rig);

    const { all } = await rig.aac('apply', 'plan.json');
    expect(await runningOnce(dockerWorld, rig), all).toEqual(before);
  });
});
