import { describe, expect, test } from 'vitest';
import { onTerminal } from '../support/pseudo-terminal.ts';
import { lookTests } from './look.ts';
import { shell } from './manifests.ts';
import { processWorld } from './world.ts';

describe('a look at processes', () => {
  lookTests(processWorld);

  test('ps shows what ended badly by itself, and not what was stopped', async () => {
    await using rig = processWorld.rig();
    rig.write({
      'broken.agent.yaml': processWorld.agent('broken', { ...shell('sleep 2; exit 3') }),
      'web.agent.yaml': processWorld.agent('web'),
    });
    await rig.apply();
    await rig.aac('stop', 'web');
    await expect
      .poll(async () => (await rig.aac('ps')).stdout, { timeout: 20_000 })
      .toMatch(/^AGENT.*\nbroken +0 +process +exited \(3\)[^\n]*\n$/);
  });

  test('ps --watch shows changes in place on a terminal, and as lines of JSON elsewhere', async () => {
    await using rig = processWorld.rig();
    rig.write({ 'web.agent.yaml': processWorld.agent('web') });
    await rig.apply();
    const screen = onTerminal(rig, ['ps', '--watch', '--all']);
    const lines = rig.begin('ps', '--watch', '--all', '--format', 'json');
    await expect.poll(() => screen.text(), { timeout: 30_000 }).toMatch(/web +0 +process +running/);
    await lines.until(/"state":"running"/);
    await rig.aac('stop', 'web');
    await expect.poll(() => screen.text(), { timeout: 30_000 }).toMatch(/web +0 +process +exited/);
    await lines.until(/"state":"exited"/);
    screen.type('\x03');
    expect(await screen.ended).toBe(0);
    expect(screen.raw()).toContain('\x1b[2K'); // lines are erased and written anew
    lines.signal('SIGINT');
    const { exitCode, stdout } = await lines.ended;
    expect(exitCode).toBe(0);
    for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ type: 'agents' });
  });
});
