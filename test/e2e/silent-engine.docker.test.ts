import { expect, test } from 'vitest';
import { describeDocker, dockerHost } from '../support/docker.ts';
import { createEngineProxy, type EngineRequest } from '../support/engine-proxy.ts';
import { objectsOf } from './engine-view.ts';
import { dockerWorld, namesOf } from './world.ts';

const isStart = ({ path }: EngineRequest): boolean => path.endsWith('/start');

describeDocker('an engine that accepts a call and never answers', () => {
  test('is given up on at the deadline of the call; the ledger says so and the next apply goes on', async () => {
    await using rig = dockerWorld.rig();
    await using proxy = await createEngineProxy(dockerHost());
    rig.write({
      'first.agent.yaml': dockerWorld.agent('first'),
      'second.agent.yaml': dockerWorld.agent('second', { dependsOn: ['first'] }),
    });
    proxy.treat((request) => (isStart(request) ? 'swallow' : 'pass'));
    const { aac } = rig.with({ environment: { DOCKER_HOST: proxy.host } });
    const { exitCode, stdout } = await aac('apply', '--auto-approve', '--call-timeout', '2s');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/x agent\/first\/0 could not be started: .*not answered within 2 s/);
    expect(stdout).toContain('restart the engine');
    expect(stdout).toMatch(/Skipped:\n +agent\/second\/0, because `start agent\/first\/0` failed/);
    expect(proxy.requests.filter(isStart)).toHaveLength(1); // whoever hangs is not asked again

    await rig.apply();
    expect(await namesOf(dockerWorld, rig)).toEqual(['first/0', 'second/0']);
    expect((await objectsOf(rig.workspace)).containers).toHaveLength(2);
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('in a removal, where it goes on answering everything else, is given up on as well', async () => {
    await using rig = dockerWorld.rig();
    await using proxy = await createEngineProxy(dockerHost());
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web') });
    await rig.apply();
    proxy.treat(({ method }) => (method === 'DELETE' ? 'swallow' : 'pass'));
    const { aac } = rig.with({ environment: { DOCKER_HOST: proxy.host } });
    const { exitCode, stdout } = await aac('destroy', '--auto-approve', '--call-timeout', '2s');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/x agent\/web\/0 could not be removed: .*not answered within 2 s/);
    expect(stdout).toMatch(/Skipped:\n +network\/default/);

    expect(await rig.aac('destroy', '--auto-approve')).toMatchObject({ exitCode: 0 });
    expect(await objectsOf(rig.workspace)).toEqual({ containers: [], networks: [], volumes: [] });
  });

  test('although it has done what was asked for is believed by its own word at the next apply', async () => {
    await using rig = dockerWorld.rig();
    await using proxy = await createEngineProxy(dockerHost());
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web') });
    proxy.treat(({ path }) => (path.startsWith('/containers/create') ? 'mute' : 'pass'));
    const { aac } = rig.with({ environment: { DOCKER_HOST: proxy.host } });
    expect(await aac('apply', '--auto-approve', '--call-timeout', '2s')).toMatchObject({ exitCode: 1 });
    await proxy.settled();
    expect((await objectsOf(rig.workspace)).containers).toHaveLength(1);

    await rig.apply();
    expect((await objectsOf(rig.workspace)).containers).toHaveLength(1);
    expect(await namesOf(dockerWorld, rig)).toEqual(['web/0']);
  });

  test('while it is looked at does not hold up the command for ever', async () => {
    await using rig = dockerWorld.rig();
    await using proxy = await createEngineProxy(dockerHost());
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web') });
    proxy.treat(({ path }) => (path.startsWith('/containers/json') ? 'swallow' : 'pass'));
    const { aac } = rig.with({ environment: { DOCKER_HOST: proxy.host } });
    const { exitCode, stderr } = await aac('apply', '--auto-approve', '--call-timeout', '2s');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[driver-unreachable]');
    expect(stderr).toContain(proxy.host);
  });

  test('while a plan is made is left at Ctrl-C', async () => {
    await using rig = dockerWorld.rig();
    await using proxy = await createEngineProxy(dockerHost());
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web') });
    const asked = new Promise<void>((resolve) => {
      proxy.treat(({ path }) => {
        if (!path.startsWith('/containers/json')) return 'pass';
        resolve();
        return 'swallow';
      });
    });
    const plan = rig.with({ environment: { DOCKER_HOST: proxy.host } }).begin('plan');
    await asked;
    plan.signal('SIGINT');
    expect(await plan.ended).toMatchObject({ exitCode: 130 });
  });

  test('with an error that passes is asked again', async () => {
    await using rig = dockerWorld.rig();
    await using proxy = await createEngineProxy(dockerHost());
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web') });
    proxy.treat((request) => {
      const earlier = proxy.requests.filter(isStart).length;
      return isStart(request) && earlier <= 2 ? { status: 503, message: 'busy for a moment' } : 'pass';
    });
    const { exitCode, all } = await rig
      .with({ environment: { DOCKER_HOST: proxy.host } })
      .aac('apply', '--auto-approve');
    expect(exitCode, all).toBe(0);
    expect(all).toContain('busy for a moment');
    expect(await namesOf(dockerWorld, rig)).toEqual(['web/0']);
  });
});
