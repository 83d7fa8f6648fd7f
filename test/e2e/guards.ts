import { expect, test } from 'vitest';
import type { Rig } from '../support/rig.ts';
import { namesOf, runningOnce, type World } from './world.ts';

/** Mistakes with manifests that must not spread. */
export function guardTests(world: World): void {
  test('when nine of ten manifests are deleted by mistake nothing happens, until somebody says that it is meant', async () => {
    await using rig = world.rig({ project: { maxDelete: '20%' } });
    const names = Array.from({ length: 10 }, (_, index) => `a${String(index)}`);
    rig.write(Object.fromEntries(names.map((name) => [`${name}.agent.yaml`, world.agent(name)])));
    await rig.apply();
    const before = await runningOnce(world, rig);
    rig.remove(...names.slice(1).map((name) => `${name}.agent.yaml`));

    const plan = await rig.aac('plan');
    expect(plan.exitCode).toBe(1);
    expect(plan.stderr).toContain('error[mass-delete]: 9 of 10 agents would be deleted');
    expect(plan.stderr).toMatch(/`maxDelete: 20%`.*`a1\/0`, .* and 1 more/);
    expect(plan.stderr).toMatch(/aac\.yaml:\d+:\d+[^]*maxDelete: 20%/);
    expect(plan.stdout).toContain('9 to delete');
    const apply = await rig.aac('apply', '--auto-approve');
    expect(apply.exitCode).toBe(1);
    expect((await rig.aac('watch', '--once')).exitCode).toBe(1);
    expect(await runningOnce(world, rig)).toEqual(before);

    rig.remove('a0.agent.yaml');
    const empty = await rig.aac('apply', '--auto-approve', '--max-delete', '100%');
    expect(empty.stderr).toContain('no manifest declares an agent any more');
    expect(await runningOnce(world, rig)).toEqual(before);

    rig.write({ 'a0.agent.yaml': world.agent('a0') });
    await rig.apply('--allow-delete');
    expect(await namesOf(world, rig)).toEqual(['a0/0']);
  });

  test('a protected agent whose manifest is deleted lives on, and the rest is applied', async () => {
    await using rig = world.rig();
    rig.write({
      'db.agent.yaml': world.agent('db', { lifecycle: { protect: true } }),
      'old.agent.yaml': world.agent('old'),
      'web.agent.yaml': world.agent('web', { environment: [{ name: 'VALUE', value: 'one' }] }),
    });
    await rig.apply();
    const before = await runningOnce(world, rig);
    rig.remove('db.agent.yaml', 'old.agent.yaml');
    rig.edit('web.agent.yaml', 'value: one', 'value: two');

    const { stdout } = await rig.apply();
    expect(stdout).toContain('protected, so it is not deleted');
    const after = await runningOnce(world, rig);
    expect([...after.keys()].sort()).toEqual(['db/0', 'web/0']);
    expect(after.get('db/0')).toEqual(before.get('db/0'));
    expect(after.get('web/0')?.environment).toContain('VALUE=two');
  });

  test('what `--fail-on` forbids is planned, said and not done, and what is excluded stays', async () => {
    await using rig = world.rig();
    const write = (value: string): void => {
      const spec = { environment: [{ name: 'VALUE', value }] };
      rig.write({ 'web.agent.yaml': world.agent('web', spec), 'api.agent.yaml': world.agent('api', spec) });
    };
    write('one');
    await rig.apply();
    const before = await runningOnce(world, rig);
    write('two');

    const refused = await rig.aac('apply', '--auto-approve', '--fail-on', 'destroy,replace');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/error\[fail-on\]: the plan would replace `agent\/api\/0`, `agent\/web\/0`/);
    expect(await runningOnce(world, rig)).toEqual(before);

    await rig.apply('--exclude', 'api', '--fail-on', 'destroy');
    const after = await runningOnce(world, rig);
    expect(after.get('api/0')).toEqual(before.get('api/0'));
    expect(after.get('web/0')?.environment).toContain('VALUE=two');
  });
}

/** A plan that was approved by its digest, while the world and the manifests move. `meddle` changes a running replica. */
export function approvalTests(world: World, meddle: (rig: Rig, replica: string) => Promise<void>): void {
  test('what was approved is refused, resource by resource, once it is no longer what would happen', async () => {
    await using rig = world.rig();
    const spec = (value: string) => ({ environment: [{ name: 'VALUE', value }] });
    rig.write({ 'web.agent.yaml': world.agent('web', spec('one')), 'api.agent.yaml': world.agent('api', spec('one')) });
    await rig.apply();
    rig.edit('web.agent.yaml', 'value: one', 'value: two');
    const { digest } = await rig.plan();
    await rig.aac('plan', '--out', 'approved.json');
    await meddle(rig, 'web/0');
    rig.edit('api.agent.yaml', 'value: one', 'value: two');

    const before = await world.running(rig);
    const refused = await rig.aac('apply', '--expect', digest);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('error[digest-mismatch]');
    expect(refused.stderr).toContain(
      '`agent/api/0` will be replaced, because the manifest changed: that was not approved',
    );
    expect(refused.stderr).toMatch(
      /`agent\/web\/0` will be replaced, as approved, but .*what stands there has changed/,
    );
    const elsewhere = rig.with({ environment: { AAC_STATE_DIR: `${rig.state}-other` } });
    const unknown = await elsewhere.aac('apply', '--expect', digest);
    expect(unknown.stderr).toContain('the approved plan is not known on this machine');
    const fromFile = await elsewhere.aac('apply', '--expect-plan', 'approved.json');
    expect(fromFile.stderr).toContain('that was not approved');
    expect(await world.running(rig)).toEqual(before);

    const now = await rig.plan();
    expect(await rig.aac('apply', '--expect', now.digest)).toMatchObject({ exitCode: 0 });
    for (const { environment } of (await runningOnce(world, rig)).values()) expect(environment).toContain('VALUE=two');
  });
}
