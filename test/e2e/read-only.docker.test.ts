import { expect, test } from 'vitest';
import { describeDocker, dockerHost } from '../support/docker.ts';
import { createEngineProxy, isReading } from '../support/engine-proxy.ts';
import { createRig } from '../support/rig.ts';
import { agentContainer, docker, objectsOf } from './engine-view.ts';
import { container } from './manifests.ts';

describeDocker('a command that only looks', () => {
  test('sends the engine nothing but GET and HEAD, whatever there is to do', async () => {
    await using rig = createRig({ docker: true });
    await using proxy = await createEngineProxy(dockerHost());
    const watched = rig.with({ environment: { DOCKER_HOST: proxy.host } });
    rig.write({
      'web.agent.yaml': container('web', {
        environment: [{ name: 'A', value: 'one' }],
        healthCheck: { command: ['true'], interval: '1s' },
        volumes: [{ type: 'volume', source: 'data', target: '/data' }],
      }),
      'cache.agent.yaml': container('cache', { resources: { limits: { memory: '64Mi' } }, replicas: 2 }),
      'old.agent.yaml': container('old'),
    });
    const look = async (): Promise<readonly (number | undefined)[]> => {
      const endings: (number | undefined)[] = [];
      for (const parameters of [
        ['validate'],
        ['validate', '--format', 'json'],
        ['plan', '--detailed-exitcode'],
        ['plan', '--format', 'json'],
        ['plan', '--out', 'plan.json'],
        ['plan', '--destroy', '--volumes'],
        ['plan', '--target', 'web', '--replace', 'web'],
        ['drift'],
        ['drift', '--format', 'json'],
        ['ps', '--all'],
        ['logs'],
        ['apply'], // nobody agrees to it
      ]) {
        endings.push((await watched.aac(...parameters)).exitCode);
      }
      return endings;
    };

    await look();
    expect(await objectsOf(rig.workspace)).toEqual({ containers: [], networks: [], volumes: [] });

    await rig.apply();
    await look();

    rig.edit('web.agent.yaml', 'value: one', 'value: two');
    rig.edit('cache.agent.yaml', 'memory: 64Mi', 'memory: 80Mi');
    rig.remove('old.agent.yaml');
    rig.write({ 'new.agent.yaml': container('new') });
    await docker()
      .getContainer((await agentContainer(rig.workspace, 'cache/0')).Id)
      .remove({ force: true });
    const before = await objectsOf(rig.workspace);
    expect(await look()).toEqual([0, 0, 2, 0, 0, 0, 0, 2, 2, 0, 0, 1]);

    expect(proxy.requests.length).toBeGreaterThan(0);
    expect(proxy.requests.filter((request) => !isReading(request))).toEqual([]);
    expect(await objectsOf(rig.workspace)).toEqual(before);
  });

  test('the proxy that says so would see a change', async () => {
    await using rig = createRig({ docker: true });
    await using proxy = await createEngineProxy(dockerHost());
    rig.write({ 'web.agent.yaml': container('web') });
    await rig.with({ environment: { DOCKER_HOST: proxy.host } }).apply();
    const changes = proxy.requests.filter((request) => !isReading(request));
    const seen = changes.map(({ method, path }) => `${method} ${path.split('?')[0] ?? ''}`);
    expect(seen).toEqual(
      expect.arrayContaining([
        'POST /networks/create',
        'POST /containers/create',
        expect.stringMatching(/^POST \/containers\/[^/]+\/start$/),
      ]),
    );
  });
});
