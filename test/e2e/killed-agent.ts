import { expect, test } from 'vitest';
import type { Rig } from '../support/rig.ts';
import { shell } from './manifests.ts';
import { runningOnce, type World } from './world.ts';

/** Ends the agent behind the back of aac. */
type Kill = (rig: Rig, identity: string) => Promise<void>;

/** An agent that ends while an apply waits for it to get ready. */
export function killedAgentTests(world: World, kill: Kill): void {
  test('an agent that is killed while it is waited for fails the apply, with what it printed, where nobody restarts it', async () => {
    await using rig = world.rig();
    const never = { type: 'file', path: '/no/such/file', interval: '1s', startInterval: '1s', startPeriod: '10m' };
    rig.write({
      'web.agent.yaml': world.agent('web', {
        ...shell('echo here I am; exec sleep 1000'),
        restartPolicy: 'never',
        healthCheck: never,
        init: false,
      }),
    });
    const applying = rig.begin('apply', '--auto-approve');
    await applying.until(/waiting until it is ready/);
    await kill(rig, (await runningOnce(world, rig)).get('web/0')?.identity ?? '');
    const { exitCode, stdout } = await applying.ended; // ten minutes before it would have to be ready
    expect(exitCode, stdout).toBe(1);
    expect(stdout).toMatch(/x agent\/web\/0 [^]*exited with code 137[^]*here I am/);
  });
}
