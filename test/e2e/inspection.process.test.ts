import { describe } from 'vitest';
import { inspectionTests } from './inspection.ts';
import { processWorld } from './world.ts';

describe('looking into processes', () => inspectionTests(processWorld));
