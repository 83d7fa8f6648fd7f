import { describeDocker } from '../support/docker.ts';
import { eventsTests } from './events.ts';
import { dockerWorld } from './world.ts';

describeDocker('what happens to containers', () => eventsTests(dockerWorld));
