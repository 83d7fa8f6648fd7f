import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Rig } from '../support/rig.ts';
import { namesOf, type World } from './world.ts';

/** A check that passes once `open` has been called; where it looks is up to the world. */
export interface Gate {
  readonly command: readonly string[];
  open(): Promise<void>;
}

/** An agent that is not healthy before its gate is open, and one that waits for it. */
function writeGated(world: World, rig: Rig, gate: Gate): void {
  const healthCheck = { command: gate.command, interval: '500ms', startInterval: '200ms', startPeriod: '600s' };
  rig.write({
    'first.agent.yaml': world.agent('first', { healthCheck }),
    'second.agent.yaml': world.agent('second', { dependsOn: [{ agent: 'first', condition: 'healthy' }] }),
    'third.agent.yaml': world.agent('third', { dependsOn: ['second'] }),
  });
}

/** Ctrl-C, kill -9 and two applies at once. */
export function interruptionTests(world: World, gateOf: (rig: Rig) => Gate): void {
  test('Ctrl-C starts nothing more, says what was not started and ends with 130; the next apply goes on', async () => {
    await using rig = world.rig();
    const gate = gateOf(rig);
    writeGated(world, rig, gate);
    const apply = rig.begin('apply', '--auto-approve');
    await apply.until(/agent\/first\/0: waiting until it is ready/);
    apply.signal('SIGINT');
    const { exitCode, stdout } = await apply.ended;
    expect(exitCode).toBe(130);
    expect(stdout).toMatch(/Not started:\n +agent\/second\/0, agent\/third\/0/);
    expect(stdout).toMatch(/Interrupted: .*not started/);
    expect(await namesOf(world, rig)).toEqual(['first/0']);

    await gate.open();
    await rig.apply();
    expect(await namesOf(world, rig)).toEqual(['first/0', 'second/0', 'third/0']);
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('a second apply is kept out while the first one runs, and told who that is', async () => {
    await using rig = world.rig();
    const gate = gateOf(rig);
    writeGated(world, rig, gate);
    const apply = rig.begin('apply', '--auto-approve');
    await apply.until(/agent\/first\/0: waiting until it is ready/);

    for (const command of ['apply', 'destroy']) {
      const kept = await rig.aac(command, '--auto-approve');
      expect(kept.exitCode, kept.all).toBe(1);
      expect(kept.stderr).toContain('error[locked]');
      expect(kept.stderr).toContain(`\`${rig.workspace}\``);
      expect(kept.stderr).toContain(`process ${String(apply.pid)}`);
      expect(kept.stderr).toContain('apply --auto-approve');
    }
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 2 }); // to look is free

    await gate.open();
    const { exitCode, all } = await apply.ended;
    expect(exitCode, all).toBe(0);
    expect(await namesOf(world, rig)).toEqual(['first/0', 'second/0', 'third/0']);
    expect(await rig.aac('apply', '--auto-approve')).toMatchObject({ exitCode: 0 });
  });

  test('a lock that a killed apply has left behind is taken over', async () => {
    await using rig = world.rig();
    const gate = gateOf(rig);
    writeGated(world, rig, gate);
    const apply = rig.begin('apply', '--auto-approve');
    await apply.until(/agent\/first\/0: waiting until it is ready/);
    expect(existsSync(join(rig.state, rig.workspace, 'lock.json'))).toBe(true);
    apply.signal('SIGKILL');
    await apply.ended;

    await gate.open();
    await rig.apply();
    expect(await namesOf(world, rig)).toEqual(['first/0', 'second/0', 'third/0']);
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });
}
