import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { describeDocker, dockerHost } from '../support/docker.ts';
import { createEngineProxy } from '../support/engine-proxy.ts';
import { createRig, type Begun, type Rig } from '../support/rig.ts';
import { agentContainer, docker } from './engine-view.ts';
import { busybox, container } from './manifests.ts';
import { answersOf, caller, containersOf, loadOf, web } from './rolling.ts';

/** Nothing has failed, no connection of a new one was cut, and `version` alone answers from now on. */
async function expectServed(rig: Rig, version: string): Promise<void> {
  const { count, seen } = await loadOf(rig, () => true);
  const others = ({ seen: now }: { readonly seen: Readonly<Record<string, number>> }) =>
    Object.entries(now).filter(([text]) => !text.startsWith(`${version} `));
  const before = Object.fromEntries(others({ seen }));
  const load = await loadOf(rig, (now) => now.count > count + 100);
  expect(load.failed).toEqual({});
  expect(Object.fromEntries(others(load))).toEqual(before);
  expect(Object.keys(load.seen).filter((text) => !text.endsWith(' 0'))).toEqual([]);
  expect(answersOf(load, version)).toBeGreaterThan(50);
}

async function expectConverged(rig: Rig, replicas: number): Promise<void> {
  const plan = await rig.aac('plan', '--detailed-exitcode');
  expect(plan.exitCode, plan.all).toBe(0);
  expect((await containersOf(rig, 'web')).map(({ State }) => State)).toEqual(Array(replicas).fill('running'));
}

describeDocker('a rollout under load', () => {
  test.each([1, 3])('of %i fails no request, and cuts no connection of the new ones', async (replicas) => {
    await using rig = createRig({ docker: true });
    rig.write({ 'web.agent.yaml': web('v1', { replicas }), 'client.agent.yaml': caller });
    await rig.apply();
    await loadOf(rig, ({ count }) => count > 50);
    rig.write({ 'web.agent.yaml': web('v2', { replicas }) });
    await rig.apply();
    await expectServed(rig, 'v2');
    await expectConverged(rig, replicas);
  });

  test('to a version that never gets ready leaves the old one serving, is not tried again, and is gone back from', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'web.agent.yaml': web('v1'), 'client.agent.yaml': caller });
    await rig.apply();
    const [old] = await containersOf(rig, 'web');
    const expectOld = async (): Promise<void> => {
      const { State, RestartCount } = await docker()
        .getContainer(old?.Id ?? '')
        .inspect();
      expect([State.Running, State.StartedAt, RestartCount]).toEqual([true, started, 0]);
      await expectServed(rig, 'v1');
    };
    const started = (
      await docker()
        .getContainer(old?.Id ?? '')
        .inspect()
    ).State.StartedAt;

    rig.write({ 'web.agent.yaml': web('broken', { deployment: { progressDeadline: '20s' } }) });
    const rollout = rig.begin('apply', '--auto-approve');
    await rollout.until(/agent\/web\/0: waiting until it is ready/);
    await expectOld();
    const failed = await rollout.ended;
    expect(failed.exitCode, failed.all).toBe(1);
    expect(failed.all).toMatch(/agent\/web\/0 did not become ready: .* is unhealthy/);
    expect(failed.all).toContain('what ran before was not touched');
    await expectOld();

    const again = await rig.aac('apply', '--auto-approve', '--fail-on', 'quarantined');
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toMatch(/would go on with `agent\/web\/0`.*: its rollout failed as revision 2/);
    expect((await rig.aac('watch', '--once')).exitCode).toBe(0);
    expect(await containersOf(rig, 'web')).toHaveLength(2);

    const back = await rig.aac('rollback', '--auto-approve');
    expect(back.exitCode, back.all).toBe(0);
    expect((await containersOf(rig, 'web')).map(({ Id }) => Id)).toEqual([old?.Id]);
    await expectOld();

    rig.write({ 'web.agent.yaml': web('v2') });
    await rig.apply();
    await expectServed(rig, 'v2');
    await expectConverged(rig, 1);
  });

  test('that is killed before and after it is led to, and while the old one goes, is finished by the next', async () => {
    await using rig = createRig({ docker: true });
    await using proxy = await createEngineProxy(dockerHost());
    rig.write({ 'web.agent.yaml': web('v0'), 'client.agent.yaml': caller });
    await rig.apply();
    const moments = [
      { method: 'POST', path: /\/start$/, nth: 1 },
      { method: 'POST', path: /\/connect$/, nth: 1 },
      { method: 'POST', path: /\/connect$/, nth: 2 },
      { method: 'POST', path: /\/stop\?/, nth: 1 },
    ];
    for (const [index, { method, path, nth }] of moments.entries()) {
      rig.write({ 'web.agent.yaml': web(`v${String(index + 1)}`) });
      const running: { apply?: Begun } = {};
      let seen = 0;
      proxy.treat((request) => {
        if (request.method !== method || !path.test(request.path)) return 'pass';
        seen += 1;
        return seen === nth ? { then: () => running.apply?.signal('SIGKILL') } : 'pass';
      });
      running.apply = rig.with({ environment: { DOCKER_HOST: proxy.host } }).begin('apply', '--auto-approve');
      await running.apply.ended;
      await proxy.settled();
      expect(seen).toBe(nth);
      await rig.apply();
      await expectServed(rig, `v${String(index + 1)}`);
      await expectConverged(rig, 1);
    }
  });
});

describeDocker('the address of a container', () => {
  test('is another one when somebody has taken its own meanwhile, so that it starts', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'web.agent.yaml': container('web') });
    await rig.apply();
    const network = `${rig.workspace}-default`;
    const addressOf = async () =>
      (await agentContainer(rig.workspace, 'web/0')).NetworkSettings.Networks[network]?.IPAddress;
    const [before, { Id }] = [await addressOf(), await agentContainer(rig.workspace, 'web/0')];
    await docker().getContainer(Id).stop({ t: 0 });
    const thief = await docker().createContainer({
      name: `${rig.workspace}-thief`,
      Image: busybox.image,
      Cmd: ['sleep', '86400'],
      HostConfig: { NetworkMode: network },
      NetworkingConfig: { EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: before ?? '' } } } },
    });
    await thief.start();
    await rig.apply();
    const after = await agentContainer(rig.workspace, 'web/0');
    expect([after.Id, after.State.Running]).toEqual([Id, true]);
    expect(await addressOf()).not.toBe(before);
    expect((await rig.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);
  });

  test('is not kept by a network of others, where the names of the old one lead to it until it stops', async () => {
    const name = `e2e-shared-${randomBytes(4).toString('hex')}`;
    const network = await docker().createNetwork({ Name: name });
    onTestFinished(async () => void (await network.remove()));
    await using rig = createRig({ docker: true, project: { networks: { [name]: { external: true } } } });
    const web = (letter: string) =>
      container('web', { network: { mode: name }, environment: [{ name: 'LETTER', value: letter }] });
    rig.write({ 'web.agent.yaml': web('a') });
    await rig.apply();
    rig.write({ 'web.agent.yaml': web('b') });
    const { all } = await rig.apply();
    expect(all).toContain('requests by name may fail while the old one stops: its network keeps no address for it');
    expect(all).toContain('given its name');
    expect(all).not.toContain('relieved of its name');
    const { NetworkSettings, Config } = await agentContainer(rig.workspace, 'web/0');
    expect(Config.Env).toContain('LETTER=b');
    expect(NetworkSettings.Networks[name]?.Aliases).toContain('web');
    expect((await rig.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);
  });
});
