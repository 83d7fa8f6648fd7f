import { describeDocker } from '../support/docker.ts';
import { operateTests } from './operate.ts';
import { dockerWorld } from './world.ts';

describeDocker('operating containers', () => operateTests(dockerWorld));
