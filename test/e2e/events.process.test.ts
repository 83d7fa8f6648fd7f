import { describe } from 'vitest';
import { eventsTests } from './events.ts';
import { processWorld } from './world.ts';

describe('what happens to processes', () => eventsTests(processWorld));
