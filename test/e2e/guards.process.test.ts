import { describe } from 'vitest';
import { approvalTests, guardTests } from './guards.ts';
import { processWorld, runningOnce, showsProcesses } from './world.ts';

describe.runIf(showsProcesses)('guards, over local processes', () => {
  guardTests(processWorld);
  approvalTests(processWorld, async (rig, replica) => {
    const [pid = ''] = (await runningOnce(processWorld, rig)).get(replica)?.identity.split(' ') ?? [];
    process.kill(-Number(pid), 'SIGKILL');
  });
});
