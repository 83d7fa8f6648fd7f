import { describeDocker } from '../support/docker.ts';
import { rollbackTests } from './rollback.ts';
import { dockerWorld } from './world.ts';

describeDocker('rollback, on a real engine', () => rollbackTests(dockerWorld));
