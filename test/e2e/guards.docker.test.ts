import { describeDocker } from '../support/docker.ts';
import { guardTests } from './guards.ts';
import { dockerWorld } from './world.ts';

describeDocker('guards, on a real engine', () => guardTests(dockerWorld));
