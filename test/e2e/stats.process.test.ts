import { describe, expect, test } from 'vitest';
import { onTerminal } from '../support/pseudo-terminal.ts';
import { shell } from './manifests.ts';
import { busy, statsTests } from './stats.ts';
import { processWorld } from './world.ts';

describe('what processes use', () => {
  statsTests(processWorld);

  test('on a terminal the table is drawn in place, fits, and ends with Ctrl-C', async () => {
    await using rig = processWorld.rig();
    rig.write({ 'busy.agent.yaml': processWorld.agent('busy', shell(busy)) });
    await rig.apply();
    const wide = onTerminal(rig, ['stats', '--interval', '100ms'], { columns: 130 });
    await expect.poll(() => wide.text(), { timeout: 30_000 }).toMatch(/busy +0 +\d+\.\d% +[▁▂▃▄▅▆▇█]{3}/);
    wide.type('\x03');
    expect(await wide.ended).toBe(0);
    expect(wide.raw()).toContain('\x1b[2K'); // lines are erased and written anew
    expect(wide.raw()).not.toContain('\x1b[?25l'); // the cursor stays

    const narrow = onTerminal(rig, ['stats', '--once'], { columns: 40 });
    expect(await narrow.ended).toBe(0);
    const lines = narrow.text().trim().split(/\r?\n/);
    expect(lines[0]).toMatch(/^AGENT +CPU +MEMORY/);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  });

  test('where nothing runs, stats says so', async () => {
    await using rig = processWorld.rig();
    rig.write({ 'web.agent.yaml': processWorld.agent('web') });
    const none = await rig.aac('stats', '--once');
    expect(none).toMatchObject({ exitCode: 0, stdout: '', stderr: `nothing of ${rig.workspace} runs\n` });
    const unknown = await rig.aac('stats', 'wob');
    expect(unknown).toMatchObject({ exitCode: 1 });
    expect(unknown.stderr).toContain('did you mean `web`?');
  });
});
