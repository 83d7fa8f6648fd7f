import { describe } from 'vitest';
import { ownershipTests } from './ownership.ts';
import { processWorld } from './world.ts';

describe('what an apply of processes owns', () => ownershipTests(processWorld));
