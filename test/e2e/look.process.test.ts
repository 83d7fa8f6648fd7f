import { describe } from 'vitest';
import { lookTests } from './look.ts';
import { processWorld } from './world.ts';

describe('a look at processes', () => lookTests(processWorld));
