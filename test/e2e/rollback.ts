import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Rig } from '../support/rig.ts';
import { shell } from './manifests.ts';
import { runningOnce, type World } from './world.ts';

interface Document {
  readonly revisions: readonly {
    readonly revision: number;
    readonly status: string;
    readonly rollbackTo?: number;
    readonly digest: string;
    readonly command: string;
  }[];
}

const valueOf = async (world: World, rig: Rig): Promise<string | undefined> =>
  (await runningOnce(world, rig)).get('web/0')?.environment.find((variable) => variable.startsWith('VALUE='));

/** What was applied before, and the way back to it. */
export function rollbackTests(world: World): void {
  const good = (value: string) => ({ environment: [{ name: 'VALUE', value }] });

  test('a rollout that fails is tried again by nobody unasked, and rollback brings back what it took away', async () => {
    await using rig = world.rig();
    const recreated = (value: string) => ({ ...good(value), deployment: { strategy: 'recreate' } });
    rig.write({ 'web.agent.yaml': world.agent('web', recreated('one')), 'api.agent.yaml': world.agent('api') });
    await rig.apply();
    rig.write({ 'web.agent.yaml': world.agent('web', { ...recreated('two'), ...shell('exit 3') }) });
    const failed = await rig.aac('apply', '--auto-approve', '--wait-timeout', '4s');
    expect(failed.exitCode, failed.all).toBe(1);

    const watch = await rig.aac('watch', '--once');
    expect(watch.exitCode, watch.all).toBe(0);
    const again = await rig.aac('apply', '--auto-approve', '--fail-on', 'quarantined');
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toMatch(/would go on with `agent\/web\/0`.*: its rollout failed as revision 2/);
    expect(again.stderr).toMatch(/^hint: change its manifest, or go back with `aac rollback`/m);
    expect((await rig.aac('plan')).stdout).toContain(
      'its rollout failed as revision 2: change its manifest, or go back',
    );
    expect(await valueOf(world, rig)).not.toBe('VALUE=one');

    const back = await rig.aac('rollback', '--auto-approve');
    expect(back.exitCode, back.all).toBe(0);
    expect(back.stderr).toContain('back to revision 1 of');
    expect(await valueOf(world, rig)).toBe('VALUE=one');
    const running = await runningOnce(world, rig);
    await rig.aac('watch', '--once'); // a watch does not undo it
    expect(await runningOnce(world, rig)).toEqual(running);

    const { stdout } = await rig.aac('history', '--format', 'json');
    const { revisions } = JSON.parse(stdout) as Document;
    expect(revisions).toMatchObject([
      { revision: 3, status: 'succeeded', rollbackTo: 1, restorable: true },
      { revision: 2, status: 'failed', restorable: true },
      { revision: 1, status: 'succeeded', restorable: true },
    ]);
    expect((await rig.aac('history')).stdout).toMatch(/^3 +\S+ \S+ .* succeeded .*back to 1/m);
    expect((await rig.aac('history', 'show', '2')).stdout).toMatch(/result +failed[^]*wait +agent\/web\/0 +failed/);

    rig.write({ 'web.agent.yaml': world.agent('web', good('three')) });
    await rig.aac('watch', '--once'); // a manifest that has changed is a new try
    expect(await valueOf(world, rig)).toBe('VALUE=three');
  });

  test('rollback to a revision brings back what was deleted since, and refuses what it does not know', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web', good('one')), 'old.agent.yaml': world.agent('old') });
    await rig.apply();
    rig.remove('old.agent.yaml');
    rig.edit('web.agent.yaml', 'value: one', 'value: two');
    await rig.apply();
    await rig.apply(); // nothing to do, and no revision
    await rig.aac('restart', 'web');

    const unknown = await rig.aac('rollback', '9', '--auto-approve');
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toContain('error[unknown-revision]: there is no revision 9');
    const restarted = await rig.aac('rollback', '3', '--auto-approve');
    expect(restarted.stderr).toMatch(
      /revision 3 cannot be returned to: agents were .*restarted[^]*what revision 2 asked/,
    );
    expect((await rig.aac('history')).stdout).toMatch(/^3\*[^]*^\* 3 cannot be returned to: agents were/m);
    rig.write({ 'web.agent.yaml': 'broken: [' }); // the way back must not need the manifests
    const back = await rig.aac('rollback', '1', '--auto-approve', '--out-json', 'b.json', '--out-markdown', 'b.md');
    expect(back.exitCode, back.all).toBe(0);
    const read = (file: string): string => readFileSync(join(rig.folder, file), 'utf8');
    expect(JSON.parse(read('b.json'))).toMatchObject({ type: 'ledger', status: 'succeeded' });
    expect(read('b.md')).toContain('**Apply complete: 1 created, 1 replaced');
    expect([...(await runningOnce(world, rig)).keys()].sort()).toEqual(['old/0', 'web/0']);
    expect(await valueOf(world, rig)).toBe('VALUE=one');
  });

  test('what a saved plan asked for can be returned to, by the digest that was approved', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web', good('one')) });
    await rig.aac('plan', '--out', 'plan.json');
    expect((await rig.aac('apply', 'plan.json')).exitCode).toBe(0);
    rig.edit('web.agent.yaml', 'value: one', 'value: two');
    await rig.apply();

    const unasked = await rig.aac('rollback', '--out-json', 'refused.json');
    expect(unasked.exitCode).toBe(1);
    const digest = /digest: ([0-9a-f]{64})/.exec(unasked.stdout)?.[1] ?? '';
    const other = await rig.aac('rollback', '--expect', digest.replace(/./g, 'a'));
    expect([other.exitCode, other.stderr]).toEqual([1, expect.stringContaining('error[digest-mismatch]')]);
    expect(await valueOf(world, rig)).toBe('VALUE=two');
    const back = await rig.aac('rollback', '--expect', digest);
    expect(back.exitCode, back.all).toBe(0);
    expect(await valueOf(world, rig)).toBe('VALUE=one');
  });
}
