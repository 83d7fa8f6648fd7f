import { expect, test } from 'vitest';
import { labels } from '../../src/model/labels.ts';
import { describeDocker } from '../support/docker.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { agentContainer, docker, objectsOf } from './engine-view.ts';
import { container, placeOf } from './manifests.ts';

/** What moved, as `aac drift` tells it. */
async function driftOf(rig: Rig): Promise<readonly string[]> {
  const { drift } = await rig.plan();
  return drift.flatMap(({ address, type, fields }) => [`${type} ${address}`, ...fields.map(({ path }) => path)]);
}

/** Nothing differs and nothing has moved. */
async function expectConverged(rig: Rig): Promise<void> {
  expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  expect(await rig.aac('drift')).toMatchObject({ exitCode: 0 });
}

describeDocker('drift', () => {
  test('a container that was removed by hand is missing, and apply restores it and nothing else', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'web.agent.yaml': container('web'), 'other.agent.yaml': container('other') });
    await rig.apply();
    const web = await agentContainer(rig.workspace, 'web/0');
    const other = await agentContainer(rig.workspace, 'other/0');
    await docker().getContainer(web.Id).remove({ force: true });

    const drift = await rig.aac('drift');
    expect(drift.exitCode).toBe(2);
    expect(drift.stdout).toContain('agent/web/0 was removed');
    expect(await driftOf(rig)).toEqual(['missing agent/web/0']);
    const plan = await rig.aac('plan', '--detailed-exitcode');
    expect(plan.exitCode).toBe(2);
    expect(plan.stdout).toMatch(/agent\/web\/0 .*created.*removed outside aac/);
    expect(plan.stdout).toContain('1 to create');

    await rig.apply();
    expect(await agentContainer(rig.workspace, 'web/0')).toMatchObject({ State: { Running: true } });
    expect((await agentContainer(rig.workspace, 'other/0')).Id).toBe(other.Id);
    await expectConverged(rig);
  });

  test('a limit that was raised by hand is named with both values and its line, and lowered again in place', async () => {
    await using rig = createRig({ docker: true });
    const manifest = container('web', { resources: { limits: { memory: '64Mi' } } });
    rig.write({ 'web.agent.yaml': manifest });
    await rig.apply();
    const before = await agentContainer(rig.workspace, 'web/0');
    const raised = 128 * 2 ** 20;
    await docker().getContainer(before.Id).update({ Memory: raised, MemorySwap: raised });

    const plan = await rig.aac('plan');
    expect(plan.stdout).toMatch(/Changes outside of aac:\n +agent\/web\/0 +was changed/);
    expect(plan.stdout).toMatch(/resources\.limits\.memory +128Mi → 64Mi +#.*changed outside aac/);
    expect(plan.stdout).toContain(placeOf('web.agent.yaml', manifest, 'memory: 64Mi', '64Mi'));
    expect(await driftOf(rig)).toEqual(['fields agent/web/0', '/resources/limits/memory']);
    expect(await rig.aac('drift')).toMatchObject({ exitCode: 2 });

    await rig.apply();
    const after = await agentContainer(rig.workspace, 'web/0');
    expect(after).toMatchObject({ Id: before.Id, HostConfig: { Memory: 64 * 2 ** 20 } });
    expect(after.State.StartedAt).toBe(before.State.StartedAt);
    await expectConverged(rig);
  });

  test('a manifest that moves and a world that moves are told apart in one plan', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'web.agent.yaml': container('web', { resources: { limits: { memory: '64Mi', pids: 100 } } }) });
    await rig.apply();
    const { Id } = await agentContainer(rig.workspace, 'web/0');
    await docker().getContainer(Id).update({ PidsLimit: 50 });
    rig.edit('web.agent.yaml', 'memory: 64Mi', 'memory: 80Mi');

    const { changes, drift } = await rig.plan();
    const web = changes.find(({ address }) => address === 'agent/web/0');
    expect(web?.fields.map(({ path, origin }) => `${path} ${origin}`).sort()).toEqual([
      '/resources/limits/memory change',
      '/resources/limits/pids drift',
    ]);
    expect(drift.flatMap(({ fields }) => fields.map(({ path }) => path))).toEqual(['/resources/limits/pids']);
    await rig.apply();
    await expectConverged(rig);
  });

  test('an agent that was stopped or paused by hand is not running, and is started again', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'stopped.agent.yaml': container('stopped'), 'paused.agent.yaml': container('paused') });
    await rig.apply();
    const stopped = await agentContainer(rig.workspace, 'stopped/0');
    const paused = await agentContainer(rig.workspace, 'paused/0');
    await docker().getContainer(stopped.Id).stop({ t: 1 });
    await docker().getContainer(paused.Id).pause();

    expect(await driftOf(rig)).toEqual(['not-running agent/paused/0', 'not-running agent/stopped/0']);
    const told = (await rig.aac('drift')).stdout;
    expect(told).toMatch(/agent\/paused\/0 +is not running\n +\S+Z {2}paused\n/);
    expect(told).toMatch(/agent\/stopped\/0 +is not running\n(?: +\S+Z {2}.*\n)* +\S+Z {2}was sent signal 15\n/);
    const { drift } = JSON.parse((await rig.aac('drift', '--format', 'json')).stdout) as {
      readonly drift: readonly { readonly events?: readonly { readonly type: string }[] }[];
    };
    expect(drift.map(({ events }) => events?.at(-1)?.type)).toEqual(['paused', 'ended']);
    expect((await rig.aac('plan')).stdout).toMatch(/agent\/stopped\/0 .*started.*not running \(exited with code \d+\)/);
    await rig.apply();
    expect(await agentContainer(rig.workspace, 'stopped/0')).toMatchObject({
      Id: stopped.Id,
      State: { Running: true },
    });
    expect(await agentContainer(rig.workspace, 'paused/0')).toMatchObject({
      Id: paused.Id,
      State: { Running: true, Paused: false, StartedAt: paused.State.StartedAt },
    });
    await expectConverged(rig);
  });

  test('a container that was taken off its network has drifted and gets back to it', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'web.agent.yaml': container('web') });
    await rig.apply();
    const { Id } = await agentContainer(rig.workspace, 'web/0');
    await docker().getNetwork(`${rig.workspace}-default`).disconnect({ Container: Id, Force: true });

    expect(await rig.aac('drift')).toMatchObject({ exitCode: 2 });
    await rig.apply();
    const { NetworkSettings } = await agentContainer(rig.workspace, 'web/0');
    expect(Object.keys(NetworkSettings.Networks)).toEqual([`${rig.workspace}-default`]);
    await expectConverged(rig);
  });

  test('a network that was removed by hand comes back, with the agents on it', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'web.agent.yaml': container('web') });
    await rig.apply();
    const { Id } = await agentContainer(rig.workspace, 'web/0');
    await docker().getContainer(Id).remove({ force: true });
    await docker().getNetwork(`${rig.workspace}-default`).remove();

    expect(await driftOf(rig)).toEqual(['missing agent/web/0', 'missing network/default']);
    await rig.apply();
    expect((await objectsOf(rig.workspace)).networks).toEqual([`${rig.workspace}-default`]);
    await expectConverged(rig);
  });

  test('drift that is ignored or known to a baseline is left out, until it moves on', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'web.agent.yaml': container('web', { resources: { limits: { pids: 100 } } }) });
    await rig.apply();
    const { Id } = await agentContainer(rig.workspace, 'web/0');
    await docker().getContainer(Id).update({ PidsLimit: 50 });

    expect((await rig.aac('drift')).exitCode).toBe(2);
    const ignored = await rig.aac('drift', '--ignore', 'web:resources.limits.pids');
    expect(ignored).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('left out: 1 resource') as string });
    expect((await rig.aac('drift', '--ignore', 'web:resources.limits.cpu')).exitCode).toBe(2);
    expect((await rig.aac('drift', '--baseline', 'known.json')).stderr).toContain('cannot be read as a baseline');
    expect((await rig.aac('drift', '--baseline', 'known.json', '--write-baseline')).exitCode).toBe(0);
    expect((await rig.aac('drift', '--baseline', 'known.json')).exitCode).toBe(0);
    await docker().getContainer(Id).update({ PidsLimit: 40 });
    expect((await rig.aac('drift', '--baseline', 'known.json')).exitCode).toBe(2);
  });

  test('a field that differences are ignored of does not drift', async () => {
    await using rig = createRig({ docker: true });
    rig.write({
      'web.agent.yaml': container('web', {
        resources: { limits: { pids: 100 } },
        lifecycle: { ignoreDifferences: ['resources.limits.pids'] },
      }),
    });
    await rig.apply();
    const { Id } = await agentContainer(rig.workspace, 'web/0');
    await docker().getContainer(Id).update({ PidsLimit: 50 });
    await expectConverged(rig);
  });

  test('what stands is known by its labels alone', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'web.agent.yaml': container('web') });
    await rig.apply();
    const { Id, Config } = await agentContainer(rig.workspace, 'web/0');
    expect(Config.Labels).toMatchObject({ [labels.workspace]: rig.workspace, [labels.address]: 'agent/web/0' });
    await docker()
      .getContainer(Id)
      .rename({ name: `${rig.workspace}-renamed` });
    await expectConverged(rig);
  });
});
