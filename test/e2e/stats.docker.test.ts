import { describeDocker } from '../support/docker.ts';
import { statsTests } from './stats.ts';
import { dockerWorld } from './world.ts';

describeDocker('what containers use', () => statsTests(dockerWorld));
