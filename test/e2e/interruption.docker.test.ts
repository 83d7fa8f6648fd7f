import { expect, test } from 'vitest';
import { describeDocker, dockerHost } from '../support/docker.ts';
import { createEngineProxy } from '../support/engine-proxy.ts';
import type { Begun } from '../support/rig.ts';
import { agentContainer, docker, objectsOf, runIn } from './engine-view.ts';
import { interruptionTests } from './interruption.ts';
import { dockerWorld, namesOf } from './world.ts';

describeDocker('an apply of containers that is interrupted', () => {
  interruptionTests(dockerWorld, (rig) => ({
    command: ['test', '-e', '/tmp/open'],
    open: async () => {
      const { Id } = await agentContainer(rig.workspace, 'first/0');
      await runIn(docker().getContainer(Id), ['touch', '/tmp/open']);
    },
  }));

  test('by Ctrl-C lets a call that runs come to its end', async () => {
    await using rig = dockerWorld.rig();
    await using proxy = await createEngineProxy(dockerHost());
    const running: { apply?: Begun } = {};
    proxy.treat(({ path }) => (path.endsWith('/start') ? { then: () => running.apply?.signal('SIGINT') } : 'pass'));
    rig.write({
      'first.agent.yaml': dockerWorld.agent('first'),
      'second.agent.yaml': dockerWorld.agent('second', { dependsOn: [{ agent: 'first', condition: 'healthy' }] }),
      'third.agent.yaml': dockerWorld.agent('third', { dependsOn: [{ agent: 'second', condition: 'healthy' }] }),
    });
    running.apply = rig.with({ environment: { DOCKER_HOST: proxy.host } }).begin('apply', '--auto-approve');
    const { exitCode, stdout } = await running.apply.ended;
    expect(exitCode).toBe(130);
    expect(stdout).toMatch(/Not started:\n.*agent\/third\/0/);
    expect(await namesOf(dockerWorld, rig)).toEqual(['first/0']);

    await rig.apply();
    expect(await namesOf(dockerWorld, rig)).toEqual(['first/0', 'second/0', 'third/0']);
  });

  test('by Ctrl-C waits for an engine that does not answer, and by a second one no more', async () => {
    await using rig = dockerWorld.rig();
    await using proxy = await createEngineProxy(dockerHost());
    const running: { apply?: Begun } = {};
    proxy.treat(({ path }) => {
      if (!path.endsWith('/start')) return 'pass';
      running.apply?.signal('SIGINT');
      return 'swallow';
    });
    rig.write({
      'first.agent.yaml': dockerWorld.agent('first'),
      'second.agent.yaml': dockerWorld.agent('second', { dependsOn: ['first'] }),
    });
    running.apply = rig.with({ environment: { DOCKER_HOST: proxy.host } }).begin('apply', '--auto-approve');
    await running.apply.until(/[Ii]nterrupt/); // it says that it waits, and how to have it not wait
    running.apply.signal('SIGINT');
    const { exitCode, stdout } = await running.apply.ended;
    expect(exitCode).toBe(130);
    expect(stdout).toMatch(/Cancelled.*:\n.*agent\/first\/0: start was cut off/);
    expect(stdout).toMatch(/Not started:\n.*agent\/second\/0/);

    await rig.apply();
    expect(await namesOf(dockerWorld, rig)).toEqual(['first/0', 'second/0']);
    expect((await objectsOf(rig.workspace)).containers).toHaveLength(2);
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });
});
