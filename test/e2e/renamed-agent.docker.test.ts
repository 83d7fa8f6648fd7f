import { describeDocker } from '../support/docker.ts';
import { busybox } from './manifests.ts';
import { renamedAgentTests } from './renamed-agent.ts';
import { dockerWorld } from './world.ts';

const sleeping = { ...busybox, command: ['sleep', '86400'], stop: { gracePeriod: '1s' } };

describeDocker('a container with a name on the network', () => {
  renamedAgentTests(dockerWorld, sleeping, false);
});

describeDocker('a container without a network', () => {
  renamedAgentTests(dockerWorld, { ...sleeping, network: { mode: 'none' } }, true);
});
