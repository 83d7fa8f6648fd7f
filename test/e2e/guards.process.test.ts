import { describe } from 'vitest';
import { guardTests } from './guards.ts';
import { processWorld, showsProcesses } from './world.ts';

describe.runIf(showsProcesses)('guards, over local processes', () => guardTests(processWorld));
