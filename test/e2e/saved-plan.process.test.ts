import { describe } from 'vitest';
import { savedPlanTests } from './saved-plan.ts';
import { processWorld, runningOnce } from './world.ts';

describe('a saved plan of processes', () => {
  savedPlanTests(processWorld, async (rig, replica) => {
    const [pid = ''] = (await runningOnce(processWorld, rig)).get(replica)?.identity.split(' ') ?? [];
    process.kill(-Number(pid), 'SIGKILL');
  });
});
