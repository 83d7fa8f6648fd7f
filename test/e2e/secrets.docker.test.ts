import { expect, test } from 'vitest';
import { describeDocker, dockerHost } from '../support/docker.ts';
import { createEngineProxy } from '../support/engine-proxy.ts';
import { agentContainer } from './engine-view.ts';
import { expectNowhereBelow, expectWithout, secretsTests, sentinel } from './secrets.ts';
import { dockerWorld } from './world.ts';

const environment = [{ name: 'TOKEN', value: 'Bearer ${E2E_SECRET}' }];

describeDocker('a secret value of a container', () => {
  secretsTests(dockerWorld);

  test('is in no label of the container and in no address of a request', async () => {
    const secret = sentinel();
    await using rig = dockerWorld.rig();
    await using proxy = await createEngineProxy(dockerHost());
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web', { environment }) });
    await rig.with({ environment: { E2E_SECRET: secret, DOCKER_HOST: proxy.host } }).apply();

    const { Config, Name } = await agentContainer(rig.workspace, 'web/0');
    expect(Config.Env).toContain(`TOKEN=Bearer ${secret}`);
    expectWithout(secret, JSON.stringify(Config.Labels), 'a label');
    expectWithout(secret, Name, 'the name');
    expectWithout(secret, JSON.stringify(proxy.requests), 'an address');
  });

  test('is taken out of what an engine says when it refuses it', async () => {
    const secret = sentinel();
    await using rig = dockerWorld.rig();
    await using proxy = await createEngineProxy(dockerHost());
    proxy.treat(({ method, path }) =>
      method === 'POST' && path.startsWith('/containers/create')
        ? { status: 400, message: `invalid environment: TOKEN=Bearer ${secret} is not allowed` }
        : 'pass',
    );
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web', { environment }) });
    const { aac } = rig.with({ environment: { E2E_SECRET: secret, DOCKER_HOST: proxy.host } });
    for (const format of ['text', 'json', 'jsonl']) {
      const { exitCode, all } = await aac('--log-level', 'debug', 'apply', '--auto-approve', '--format', format);
      expect(exitCode).toBe(1);
      expect(all).toContain('invalid environment: TOKEN=');
      expectWithout(secret, all, 'the ledger');
    }
    expectNowhereBelow(secret, rig.state);
  });
});
