import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Rig } from '../support/rig.ts';
import { runningOnce, type World } from './world.ts';

function journalOf({ state }: Rig): string {
  const file = readdirSync(state, { recursive: true, encoding: 'utf8' }).find((path) => path.endsWith('journal.jsonl'));
  if (file === undefined) throw new Error('there is no journal');
  return file;
}

/** Letting go without stopping. */
export function forgetTests(world: World): void {
  test('an agent that is forgotten goes on, no plan touches it, and a manifest takes it back', async () => {
    await using rig = world.rig();
    const both = { 'web.agent.yaml': world.agent('web'), 'legacy.agent.yaml': world.agent('legacy') };
    rig.write(both);
    await rig.apply();
    const before = await runningOnce(world, rig);

    const declared = await rig.aac('forget', 'legacy');
    expect(declared.exitCode).toBe(1);
    expect(declared.stderr).toContain('error[invalid-argument]: agent/legacy: `legacy` is declared');
    expect((await rig.aac('forget', 'nobody')).stderr).toContain('error[unknown-agent]');
    expect((await rig.aac('forget', '--driver', world.driver)).stderr).toContain('is declared to run with');

    rig.remove('legacy.agent.yaml');
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 2 });
    const { exitCode, stdout, all } = await rig.aac('forget', 'legacy');
    expect(exitCode, all).toBe(0);
    expect(stdout).toMatch(/^agent\/legacy\/0 \(.*-legacy-0-.*\) is let go of, and goes on as it is\nthis is kept/);

    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
    expect((await rig.aac('stop', '--all')).exitCode).toBe(0);
    await rig.apply();
    const after = await runningOnce(world, rig);
    expect(after.get('legacy/0')).toEqual(before.get('legacy/0'));
    expect((await rig.aac('ps')).stdout).not.toContain('legacy');
    expect((await rig.aac('ps', '--all')).stdout).toMatch(/^legacy .* forgotten/m);

    rig.write(both);
    await rig.apply();
    expect((await runningOnce(world, rig)).get('legacy/0')).toEqual(before.get('legacy/0'));
    rig.remove('legacy.agent.yaml');
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
    rmSync(join(rig.state, journalOf(rig))); // what is not written anywhere cannot be known
    expect((await rig.aac('plan')).stdout).toMatch(/agent\/legacy\/0 +will be deleted/);
  });
}
