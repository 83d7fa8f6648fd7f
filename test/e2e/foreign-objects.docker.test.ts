import { expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { docker, objectsOf } from './engine-view.ts';
import { busybox, container } from './manifests.ts';

/** The names that the plan is going to give to what it creates. */
async function namesToCome(rig: Rig): Promise<ReadonlyMap<string, string>> {
  const { nodes } = await rig.plan();
  return new Map(
    nodes.flatMap(({ step }) => (step.verb === 'create' ? [[step.address, step.target.name] as const] : [])),
  );
}

/** An apply that is refused because somebody else has the name, with nothing begun. */
async function expectRefusal(rig: Rig, name: string): Promise<void> {
  for (const command of [['plan'], ['apply', '--auto-approve']]) {
    const { exitCode, stderr } = await rig.aac(...command);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[name-taken]');
    expect(stderr).toContain(`\`${name}\``);
    expect(stderr).toContain('aac did not make');
    expect(stderr).toContain('web.agent.yaml:');
  }
}

describeDocker('an object that aac did not make', () => {
  test('keeps a container name that an agent needs, and the error says so', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'web.agent.yaml': container('web') });
    const name = (await namesToCome(rig)).get('agent/web/0') ?? '';
    const foreign = await docker().createContainer({ name, Image: busybox.image, Cmd: ['sleep', '86400'] });
    await foreign.start();
    const before = await foreign.inspect();

    await expectRefusal(rig, name);
    expect((await objectsOf(rig.workspace)).containers).toEqual([name]);
    expect((await objectsOf(rig.workspace)).networks).toEqual([]);
    expect(await foreign.inspect()).toEqual(before);

    rig.remove('web.agent.yaml');
    rig.write({ 'other.agent.yaml': container('other') });
    await rig.apply();
    await rig.aac('destroy', '--auto-approve');
    expect(await foreign.inspect()).toEqual(before);
  });

  test('keeps a container name also when it carries the labels of another workspace', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'web.agent.yaml': container('web') });
    const name = (await namesToCome(rig)).get('agent/web/0') ?? '';
    const foreign = await docker().createContainer({
      name,
      Image: busybox.image,
      Cmd: ['sleep', '86400'],
      Labels: { 'dev.aac.workspace': `${rig.workspace}-other`, 'dev.aac.address': 'agent/web/0' },
    });
    const before = await foreign.inspect();

    const { exitCode, stderr } = await rig.aac('apply', '--auto-approve');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`\`${name}\``);
    expect(stderr).toContain(`${rig.workspace}-other`);
    expect(await foreign.inspect()).toEqual(before);
  });

  test('keeps a network name, and the error says so', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'web.agent.yaml': container('web') });
    const name = (await namesToCome(rig)).get('network/default') ?? '';
    expect(name).toBe(`${rig.workspace}-default`);
    const foreign = await docker().createNetwork({ Name: name, Driver: 'bridge' });
    const before: unknown = await foreign.inspect();

    const { exitCode, stderr } = await rig.aac('apply', '--auto-approve');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`\`${name}\``);
    expect(stderr).toContain('aac did not make');
    expect(await objectsOf(rig.workspace)).toEqual({ containers: [], networks: [name], volumes: [] });
    expect(await foreign.inspect()).toEqual(before);
  });

  test('keeps a volume name and the data in it, and the error says so', async () => {
    await using rig = createRig({ docker: true });
    rig.write({
      'web.agent.yaml': container('web', { volumes: [{ type: 'volume', source: 'data', target: '/data' }] }),
    });
    const name = (await namesToCome(rig)).get('volume/data') ?? '';
    expect(name).toBe(`${rig.workspace}-data`);
    await docker().createVolume({ Name: name, Labels: { whose: 'ours' } });
    const before = await docker().getVolume(name).inspect();

    const { exitCode, stderr } = await rig.aac('apply', '--auto-approve');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`\`${name}\``);
    expect(stderr).toContain('aac did not make');
    expect(await objectsOf(rig.workspace)).toEqual({ containers: [], networks: [], volumes: [name] });
    await rig.aac('destroy', '--volumes', '--auto-approve');
    expect(await docker().getVolume(name).inspect()).toEqual(before);
  });

  test('is not touched when it appears between the plan and its execution', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'web.agent.yaml': container('web') });
    await rig.aac('plan', '--out', 'plan.json');
    const name = (await namesToCome(rig)).get('agent/web/0') ?? '';
    const foreign = await docker().createContainer({ name, Image: busybox.image, Cmd: ['sleep', '86400'] });
    const before = await foreign.inspect();

    const { exitCode, stdout } = await rig.aac('apply', 'plan.json');
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`\`${name}\``);
    expect(await foreign.inspect()).toEqual(before);
  });
});
