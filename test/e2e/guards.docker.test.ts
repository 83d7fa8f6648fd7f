import { describeDocker } from '../support/docker.ts';
import { agentContainer, docker } from './engine-view.ts';
import { approvalTests, guardTests } from './guards.ts';
import { dockerWorld } from './world.ts';

describeDocker('guards, on a real engine', () => {
  guardTests(dockerWorld);
  approvalTests(dockerWorld, async (rig, replica) => {
    await docker()
      .getContainer((await agentContainer(rig.workspace, replica)).Id)
      .stop({ t: 1 });
  });
});
