import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import type { Rig } from '../support/rig.ts';
import { runningOnce, type World } from './world.ts';

/** The variable `VALUE` of each replica that runs. */
async function valuesOf(world: World, rig: Rig): Promise<Readonly<Record<string, string | undefined>>> {
  const running = await runningOnce(world, rig);
  return Object.fromEntries(
    [...running].map(([replica, { environment }]) => [
      replica,
      environment.find((variable) => variable.startsWith('VALUE='))?.slice('VALUE='.length),
    ]),
  );
}

const valued = (value: string, dependsOn: readonly string[] = []) => ({
  environment: [{ name: 'VALUE', value }],
  dependsOn,
});

/** What was approved is what runs. */
export function savedPlanTests(world: World, meddle: (rig: Rig, replica: string) => Promise<void>): void {
  test('does exactly what it says, whatever the manifests have come to say meanwhile', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web', valued('planned')) });
    const planned = await rig.aac('plan', '--out', 'plan.json');
    expect(planned).toMatchObject({ exitCode: 0 });
    expect(await valuesOf(world, rig)).toEqual({});

    rig.write({
      'web.agent.yaml': world.agent('web', valued('edited')),
      'new.agent.yaml': world.agent('new', valued('edited')),
    });
    const applied = await rig.aac('apply', 'plan.json');
    expect(applied.exitCode, applied.all).toBe(0);
    expect(await valuesOf(world, rig)).toEqual({ 'web/0': 'planned' });
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 2 });
  });

  test('can be applied twice: what it asks for stands already', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web', valued('planned')) });
    await rig.aac('plan', '--out', 'plan.json');
    expect(await rig.aac('apply', 'plan.json')).toMatchObject({ exitCode: 0 });
    const before = await runningOnce(world, rig);
    const again = await rig.aac('apply', 'plan.json');
    expect(again.exitCode, again.all).toBe(0);
    expect(await runningOnce(world, rig)).toEqual(before);
  });

  test('refuses what the world has moved from under it, skips what depends on that, and does the rest', async () => {
    await using rig = world.rig();
    // a rolling one has its successor ready, and so its dependents served, before the old one is touched at all
    const recreated = (value: string, dependsOn: readonly string[] = []) => ({
      ...valued(value, dependsOn),
      deployment: { strategy: 'recreate' },
    });
    const write = (value: string): void => {
      rig.write({
        'moved.agent.yaml': world.agent('moved', recreated(value)),
        'dependent.agent.yaml': world.agent('dependent', recreated(value, ['moved'])),
        'rest.agent.yaml': world.agent('rest', valued(value)),
      });
    };
    write('before');
    await rig.apply();
    write('after');
    await rig.aac('plan', '--out', 'plan.json');
    await meddle(rig, 'moved/0');

    const { exitCode, stdout } = await rig.aac('apply', 'plan.json');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      new RegExp(`x agent/moved/0 .*\`${rig.workspace}-moved-0-[0-9a-f]{8}\` is no longer what was planned`),
    );
    expect(stdout).toMatch(/Skipped:\n +agent\/dependent\/0/);
    expect(await valuesOf(world, rig)).toMatchObject({ 'rest/0': 'after' });
    expect((await valuesOf(world, rig))['moved/0']).not.toBe('after');
    expect(stdout).toContain('plan again');

    await rig.apply();
    expect(await valuesOf(world, rig)).toEqual({ 'moved/0': 'after', 'dependent/0': 'after', 'rest/0': 'after' });
  });

  test('is refused when anybody has edited it', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web', valued('planned')) });
    await rig.aac('plan', '--out', 'plan.json');
    const text = readFileSync(join(rig.folder, 'plan.json'), 'utf8');
    const plan = JSON.parse(text) as Plan;

    const forgeries: Readonly<Record<string, string>> = {
      'another value': text.replaceAll('"planned"', '"forged"'),
      'a node less': JSON.stringify({ ...plan, nodes: plan.nodes.slice(0, -1) }),
      'another workspace': JSON.stringify({ ...plan, workspace: `${plan.workspace}-other` }),
      'no digest': JSON.stringify({ ...plan, digest: undefined }),
      'a major version that does not exist': JSON.stringify({ ...plan, formatVersion: '2.0' }),
      'no JSON': text.slice(0, -20),
      nothing: '',
    };
    for (const [what, forged] of Object.entries(forgeries)) {
      rig.write({ 'plan.json': forged });
      const { exitCode, stderr } = await rig.aac('apply', 'plan.json');
      expect(exitCode, what).toBe(1);
      expect(stderr, what).toContain('error[invalid-plan-file]');
      expect(stderr, what).toMatch(/^hint: make (it|the plan) again/m);
    }
    expect(await valuesOf(world, rig)).toEqual({});
  });

  test('takes no option that would make it another plan', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web', valued('planned')) });
    await rig.aac('plan', '--out', 'plan.json');
    for (const option of [['--target', 'web'] as const, ['--wait-timeout', '3s'] as const]) {
      const refused = await rig.aac('apply', 'plan.json', ...option);
      expect(refused.exitCode).toBe(1);
      expect(refused.stderr).toContain(`error[invalid-argument]: \`${option[0]}\``);
    }
    expect(await valuesOf(world, rig)).toEqual({});
  });

  test('is applied only with the digest that is expected', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web', valued('planned')) });
    const { digest } = await rig.plan();
    await rig.aac('plan', '--out', 'plan.json');
    const wrong = digest.replace(/^./, (first) => (first === '0' ? '1' : '0'));
    const refused = await rig.aac('apply', 'plan.json', '--expect', wrong);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('error[digest-mismatch]');
    expect(await valuesOf(world, rig)).toEqual({});
    expect(await rig.aac('apply', 'plan.json', '--expect', digest)).toMatchObject({ exitCode: 0 });
    expect(await valuesOf(world, rig)).toEqual({ 'web/0': 'planned' });
  });

  test('has the same digest whatever the order, the names and the comments of the files', async () => {
    await using rig = world.rig();
    const [web, other] = [world.agent('web', valued('1', ['other'])), world.agent('other', valued('2'))];
    rig.write({ 'a.agent.yaml': web, 'b.agent.yaml': other });
    const { digest } = await rig.plan();
    rig.remove('a.agent.yaml', 'b.agent.yaml');
    rig.write({ 'agent.yaml': `# both in one file\n${other}---\n# and the other way round\n${web}` });
    expect((await rig.plan()).digest).toBe(digest);
  });
}
