import { describe } from 'vitest';
import { inspectionTests } from './inspection.ts';
import { dockerWorld } from './world.ts';

describe('looking into containers', () => inspectionTests(dockerWorld));
