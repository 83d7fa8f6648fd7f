import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { expectWithout, secretsTests, sentinel } from './secrets.ts';
import { namesOf, processWorld } from './world.ts';

describe('a secret value of a process', () => {
  secretsTests(processWorld);

  test('is not in the arguments of anything that runs', async () => {
    const secret = sentinel();
    await using rig = processWorld.rig();
    rig.write({
      'web.agent.yaml': processWorld.agent('web', { environment: [{ name: 'TOKEN', value: '${E2E_SECRET}' }] }),
    });
    await rig.with({ environment: { E2E_SECRET: secret } }).apply();
    expect(await namesOf(processWorld, rig)).toEqual(['web/0']);
    for (const pid of rig.processes()) {
      expectWithout(secret, readFileSync(`/proc/${String(pid)}/cmdline`), `the command line of ${String(pid)}`);
    }
  });
});
