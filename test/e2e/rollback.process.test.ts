import { describe } from 'vitest';
import { rollbackTests } from './rollback.ts';
import { processWorld, showsProcesses } from './world.ts';

describe.runIf(showsProcesses)('rollback, over local processes', () => rollbackTests(processWorld));
