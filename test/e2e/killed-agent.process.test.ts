import { readFileSync } from 'node:fs';
import { describe } from 'vitest';
import { killedAgentTests } from './killed-agent.ts';
import { processWorld, showsProcesses } from './world.ts';

describe.runIf(showsProcesses)('a process that ends while an apply waits for it', () => {
  killedAgentTests(processWorld, async (rig) => {
    const agent = rig.processes().find((pid) => readFileSync(`/proc/${String(pid)}/comm`, 'utf8') === 'sleep\n');
    if (agent !== undefined) process.kill(agent, 'SIGKILL');
  });
});
