import { stringify } from 'yaml';
import { expect, test } from 'vitest';
import { namesOf, runningOnce, type World } from './world.ts';

/** What an apply may take away, and what it may not. */
export function ownershipTests(world: World): void {
  test('an apply of one file leaves all else as it is, also what has been edited or removed', async () => {
    await using rig = world.rig();
    const valued = (name: string, value: string) => world.agent(name, { environment: [{ name: 'VALUE', value }] });
    rig.write({
      'one.agent.yaml': valued('one', 'before'),
      'edited.agent.yaml': valued('edited', 'before'),
      'removed.agent.yaml': world.agent('removed'),
    });
    await rig.apply();
    const before = await runningOnce(world, rig);
    rig.write({ 'one.agent.yaml': valued('one', 'after'), 'edited.agent.yaml': valued('edited', 'after') });
    rig.remove('removed.agent.yaml');

    await rig.apply('one.agent.yaml');
    const after = await runningOnce(world, rig);
    expect([...after.keys()].sort()).toEqual(['edited/0', 'one/0', 'removed/0']);
    expect(after.get('one/0')?.environment).toContain('VALUE=after');
    expect(after.get('edited/0')).toEqual(before.get('edited/0'));
    expect(after.get('removed/0')).toEqual(before.get('removed/0'));

    await rig.apply();
    expect(await namesOf(world, rig)).toEqual(['edited/0', 'one/0']);
  });

  test('a destroy of one file takes its own agents and no others', async () => {
    await using rig = world.rig();
    rig.write({ 'one.agent.yaml': world.agent('one'), 'other.agent.yaml': world.agent('other') });
    await rig.apply();
    const before = await runningOnce(world, rig);
    expect(await rig.aac('destroy', 'one.agent.yaml', '--auto-approve')).toMatchObject({ exitCode: 0 });
    expect(await runningOnce(world, rig)).toEqual(new Map([['other/0', before.get('other/0')]]));
  });

  test('a project owns its workspace whole: a folder below it only chooses', async () => {
    await using rig = world.rig();
    rig.write({
      'a/one.agent.yaml': world.agent('one'),
      'b/two.agent.yaml': world.agent('two'),
      'b/three.agent.yaml': world.agent('three'),
    });
    await rig.apply('a');
    expect(await namesOf(world, rig)).toEqual(['one/0']);
    await rig.with({ folder: 'b' }).apply();
    expect(await namesOf(world, rig)).toEqual(['one/0', 'three/0', 'two/0']);

    rig.remove('b/three.agent.yaml', 'a/one.agent.yaml');
    await rig.apply();
    expect(await namesOf(world, rig)).toEqual(['two/0']);
  });

  test('a renamed project takes its agents along', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web') });
    await rig.apply();
    const workspace = `${rig.workspace}-new`;
    rig.write({
      'aac.yaml': stringify({
        apiVersion: 'agent.dev/v1',
        kind: 'Project',
        metadata: { name: workspace, previousNames: [rig.workspace] },
      }),
    });
    await rig.apply();
    expect(await namesOf(world, { ...rig, workspace })).toEqual(['web/0']);
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
    expect(await rig.aac('destroy', '--auto-approve')).toMatchObject({ exitCode: 0 });
  });

  test('two directories of the same name do not prune each other, and are told the way out', async () => {
    await using rig = world.rig({ project: 'none' });
    const [here, there] = [`here/${rig.workspace}`, `there/${rig.workspace}`];
    rig.write({
      [`${here}/web.agent.yaml`]: world.agent('web'),
      [`${there}/other.agent.yaml`]: world.agent('other'),
    });
    await rig.with({ folder: here }).apply();
    const before = await runningOnce(world, rig);
    expect([...before.keys()]).toEqual(['web/0']);

    const { aac } = rig.with({ folder: there });
    for (const command of ['plan', 'apply', 'destroy']) {
      const { all } = await aac(command, ...(command === 'plan' ? [] : ['--auto-approve']));
      expect(all, command).toContain('aac.yaml');
      expect((await runningOnce(world, rig)).get('web/0'), command).toEqual(before.get('web/0'));
    }
    expect(await rig.with({ folder: here }).aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('two directories of the same name that want the same agent are an error that names the other one', async () => {
    await using rig = world.rig({ project: 'none' });
    const [here, there] = [`here/${rig.workspace}`, `there/${rig.workspace}`];
    rig.write({ [`${here}/web.agent.yaml`]: world.agent('web'), [`${there}/web.agent.yaml`]: world.agent('web') });
    await rig.with({ folder: here }).apply();
    const before = await runningOnce(world, rig);
    const { exitCode, stderr } = await rig.with({ folder: there }).aac('apply', '--auto-approve');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[foreign-directory]');
    expect(stderr).toContain(here);
    expect(await runningOnce(world, rig)).toEqual(before);
  });

  test('a directory without a project file takes away what was removed from it', async () => {
    await using rig = world.rig({ project: 'none' });
    rig.write({ 'keep.agent.yaml': world.agent('keep'), 'go.agent.yaml': world.agent('go') });
    await rig.apply();
    rig.remove('go.agent.yaml');
    await rig.apply();
    expect(await namesOf(world, rig)).toEqual(['keep/0']);
  });

  test('two projects under one path are an error', async () => {
    await using rig = world.rig({ project: 'none' });
    const project = (name: string) => stringify({ apiVersion: 'agent.dev/v1', kind: 'Project', metadata: { name } });
    rig.write({
      'a/aac.yaml': project('a'),
      'b/aac.yaml': project('b'),
      'a/web.agent.yaml': world.agent('web'),
      'b/web.agent.yaml': world.agent('web'),
    });
    const { exitCode, stderr } = await rig.aac('plan');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[several-projects]');
    expect(stderr).toContain('a/aac.yaml');
    expect(stderr).toContain('b/aac.yaml');
  });

  test('a protected agent outlives its manifest, which the plan says', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web', { lifecycle: { protect: true } }) });
    await rig.apply();
    const before = await runningOnce(world, rig);
    rig.remove('web.agent.yaml');
    const plan = await rig.aac('plan');
    expect(plan.stdout).toContain('protected');
    await rig.aac('apply', '--auto-approve');
    expect(await runningOnce(world, rig)).toEqual(before);
    const destroy = await rig.aac('destroy', '--auto-approve');
    expect(destroy.stdout).toContain('protected');
    expect(await runningOnce(world, rig)).toEqual(before);
  });
}
