import { describeDocker } from '../support/docker.ts';
import { lookTests } from './look.ts';
import { dockerWorld } from './world.ts';

describeDocker('a look at containers', () => lookTests(dockerWorld));
