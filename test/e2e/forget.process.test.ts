import { describe } from 'vitest';
import { forgetTests } from './forget.ts';
import { processWorld } from './world.ts';

describe('forgetting processes', () => forgetTests(processWorld));
