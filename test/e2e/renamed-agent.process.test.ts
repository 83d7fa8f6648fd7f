import { describe } from 'vitest';
import { renamedAgentTests } from './renamed-agent.ts';
import { processWorld } from './world.ts';

describe('a process', () => {
  renamedAgentTests(processWorld, { command: ['sleep', '86400'], stop: { gracePeriod: '1s' } }, true);
});
