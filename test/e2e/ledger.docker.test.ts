import { describeDocker } from '../support/docker.ts';
import { ledgerTests } from './ledger.ts';
import { dockerWorld } from './world.ts';

describeDocker('the ledger of an apply on docker', () => ledgerTests(dockerWorld));
