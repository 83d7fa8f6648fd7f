import { expect, it } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { agentContainer, docker } from './engine-view.ts';
import { killedAgentTests } from './killed-agent.ts';
import { shell } from './manifests.ts';
import { dockerWorld } from './world.ts';

describeDocker('a container that ends while an apply waits for it', () => {
  killedAgentTests(dockerWorld, async (_rig, identity) => {
    await docker()
      .getContainer(identity.split(' ')[0] ?? '')
      .kill();
  });

  it('is waited for on, where the engine starts it again', async () => {
    await using rig = dockerWorld.rig();
    rig.write({
      'web.agent.yaml': dockerWorld.agent('web', {
        ...shell('if [ -e /first ]; then touch /ready; exec sleep 1000; fi; touch /first; sleep 1; exit 3'),
        restartPolicy: 'always',
        healthCheck: { type: 'file', path: '/ready', interval: '1s', startInterval: '1s', startPeriod: '1m' },
      }),
    });
    await rig.apply();
    expect((await agentContainer(rig.workspace, 'web/0')).RestartCount).toBe(1);
  });
});
