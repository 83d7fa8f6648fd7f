import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeDocker, removeWorkspace, sharesNetwork } from '../support/docker.ts';
import { createRig } from '../support/rig.ts';
import { agentContainer, docker, objectsOf, runIn } from './engine-view.ts';
import { agentText, busybox, container, placeOf, shell } from './manifests.ts';

/** Every field of the manifest that the docker driver honours, with a value that is not its default. */
const everyField = {
  driver: 'docker',
  runtime: 'nodejs:20',
  image: 'aac-test/busybox:1',
  imagePullPolicy: 'Never',
  command: ['sh', '-c'],
  args: ['echo up; touch /tmp/up; exec sleep 86400'],
  workingDir: '/tmp',
  model: { provider: 'local', name: 'none', temperature: 0.5 },
  capabilities: ['chat'],
  dependencies: ['left-pad'],
  config: { greeting: { text: 'hello' } },
  environment: [
    { name: 'LITERAL', value: 'a "quoted" $$ value' },
    { name: 'INTERPOLATED', value: '${E2E_VALUE:-fallback}/end' },
    { name: 'SHOWN', value: '${E2E_SHOWN:-shown}', sensitive: false },
    { name: 'FROM_ENV', from: 'env', envKey: 'E2E_ABSENT', defaultValue: 'default' },
    { name: 'FROM_CONFIG', from: 'config', configKey: 'greeting.text' },
  ],
  ports: [
    { container: 8080, host: 0, hostIp: '127.0.0.1' },
    { container: 8081, host: 0, protocol: 'udp' },
  ],
  volumes: [
    { type: 'bind', source: './data', target: '/data', readOnly: true },
    { type: 'bind', source: './made', target: '/made', create: true },
    { type: 'volume', source: 'cache', target: '/cache' },
  ],
  healthCheck: {
    type: 'command',
    command: ['test', '-e', '/tmp/up'],
    interval: '2s',
    startInterval: '500ms',
    timeout: '5s',
    retries: 5,
    startPeriod: '1s',
    successThreshold: 1,
    onUnhealthy: 'none',
  },
  resources: {
    limits: { cpu: '500m', memory: '64Mi', pids: 50 },
    requests: { cpu: '100m', memory: '16Mi' },
  },
  network: { mode: 'backend', ports: [{ container: 9090, host: 0 }] },
  dependsOn: [
    { agent: 'first', condition: 'completed' },
    { agent: 'second', condition: 'healthy' },
  ],
  scaling: { replicas: 2 },
  restartPolicy: { name: 'on-failure', maxRetries: 3 },
  stop: { signal: 'SIGINT', gracePeriod: '2s' },
  init: true,
  logging: { maxSize: '1Mi', maxFiles: 2 },
  lifecycle: { protect: false, ignoreDifferences: ['resources.limits.pids'], bestEffort: [] },
};

describeDocker('a manifest that uses every field the docker driver honours', () => {
  test('has nothing left to do after an apply, with and without the state folder', async () => {
    await using rig = createRig({ docker: true, project: { networks: { backend: { internal: true } } } });
    mkdirSync(join(rig.folder, 'data'));
    rig.write({
      'all.agent.yaml': agentText('all', everyField, {
        version: '1.2.3',
        description: 'uses everything',
        author: 'e2e',
        tags: ['everything'],
        labels: { tier: 'back', 'example.com/team': 'a, b' },
      }),
      'first.agent.yaml': container('first', { command: ['true'], restartPolicy: 'never', init: false }),
      'second.agent.yaml': container('second', { replicas: 1, healthCheck: { command: ['true'], interval: '2s' } }),
    });
    await rig.apply();
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
    expect((await rig.plan()).drift).toEqual([]);

    rmSync(rig.state, { recursive: true });
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });
});

describeDocker('a check that aac runs itself, with nothing in the image', () => {
  test.for([
    { type: 'http', path: '/', port: 8080 },
    { type: 'tcp', port: 8080 },
    { type: 'file', path: '/tmp/index.html' },
  ])('of type $type is waited for and leaves nothing to do', async (check, { skip }) => {
    skip(check.type !== 'file' && !(await sharesNetwork(docker())), 'the engine has a network of its own');
    await using rig = createRig({ docker: true });
    rig.write({
      'web.agent.yaml': container('web', {
        ...shell('sleep 1; echo hello >/tmp/index.html; exec httpd -f -p 8080 -h /tmp'),
        healthCheck: { ...check, interval: '2s', startInterval: '200ms', startPeriod: '10s' },
      }),
    });
    await rig.apply();
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
    const web = docker().getContainer((await agentContainer(rig.workspace, 'web/0')).Id);
    expect(await runIn(web, ['test', '-e', '/tmp/index.html'])).toMatchObject({ exitCode: 0 });
  });
});

describeDocker('after an apply', () => {
  test('one edited variable is one replacement that names the line, and an apply carries it out', async () => {
    await using rig = createRig({ docker: true });
    const manifest = container('web', { environment: [{ name: 'GREETING', value: 'hello' }] });
    rig.write({ 'agents/web.agent.yaml': manifest, 'other.agent.yaml': container('other') });
    await rig.apply();
    const before = await agentContainer(rig.workspace, 'web/0');
    const other = await agentContainer(rig.workspace, 'other/0');

    rig.edit('agents/web.agent.yaml', 'value: hello', 'value: goodbye');
    const plan = await rig.aac('plan', '--detailed-exitcode');
    expect(plan.exitCode).toBe(2);
    expect(plan.stdout).toContain('1 to replace');
    expect(plan.stdout).toMatch(/agent\/web\/0 .*replaced.*manifest changed/);
    expect(plan.stdout).toContain(placeOf('agents/web.agent.yaml', manifest, 'value: hello', 'hello'));
    const changed = (await rig.plan()).changes.filter(({ action }) => action !== 'no-op');
    expect(changed).toMatchObject([
      { address: 'agent/web/0', action: 'replace', fields: [{ path: '/environment/GREETING', origin: 'change' }] },
    ]);

    await rig.apply();
    const after = await agentContainer(rig.workspace, 'web/0');
    expect(after.Id).not.toBe(before.Id);
    expect(after.Config.Env).toContain('GREETING=goodbye');
    expect(await agentContainer(rig.workspace, 'other/0')).toMatchObject({ Id: other.Id });
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('a changed memory limit is set in place: the container goes on running', async () => {
    await using rig = createRig({ docker: true });
    const manifest = container('web', { resources: { limits: { memory: '64Mi', cpu: '500m' } } });
    rig.write({ 'web.agent.yaml': manifest });
    await rig.apply();
    const before = await agentContainer(rig.workspace, 'web/0');

    rig.edit('web.agent.yaml', 'memory: 64Mi', 'memory: 96Mi');
    const { changes } = await rig.plan();
    expect(changes.find(({ address }) => address === 'agent/web/0')).toMatchObject({
      action: 'update',
      cause: { type: 'changed' },
    });
    expect((await rig.aac('plan')).stdout).toContain(placeOf('web.agent.yaml', manifest, 'memory: 64Mi', '64Mi'));

    await rig.apply();
    const after = await agentContainer(rig.workspace, 'web/0');
    expect(after).toMatchObject({
      Id: before.Id,
      State: { Running: true, StartedAt: before.State.StartedAt },
      HostConfig: { Memory: 96 * 2 ** 20 },
    });
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
    expect(await rig.plan()).toMatchObject({ drift: [], nodes: [] });
  });

  test('the restart policy is set in place too', async () => {
    await using rig = createRig({ docker: true });
    rig.write({ 'web.agent.yaml': container('web', { restartPolicy: 'on-failure' }) });
    await rig.apply();
    const before = await agentContainer(rig.workspace, 'web/0');
    expect(before.HostConfig.RestartPolicy?.Name).toBe('on-failure');

    rig.edit('web.agent.yaml', 'restartPolicy: on-failure', 'restartPolicy: always');
    await rig.apply();
    const after = await agentContainer(rig.workspace, 'web/0');
    expect(after).toMatchObject({ Id: before.Id, State: { StartedAt: before.State.StartedAt } });
    expect(after.HostConfig.RestartPolicy?.Name).toMatch(/^(always|unless-stopped)$/);
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('the plan is the same with and without the state folder', async () => {
    await using rig = createRig({ docker: true });
    rig.write({
      'web.agent.yaml': container('web', { environment: [{ name: 'A', value: 'one' }] }),
      'cache.agent.yaml': container('cache', { resources: { limits: { memory: '64Mi' } } }),
      'old.agent.yaml': container('old'),
    });
    await rig.apply();
    rig.edit('web.agent.yaml', 'value: one', 'value: two');
    rig.edit('cache.agent.yaml', 'memory: 64Mi', 'memory: 80Mi');
    rig.remove('old.agent.yaml');
    rig.write({ 'new.agent.yaml': container('new') });
    const before = await rig.plan();
    expect(before.changes.map(({ address, action }) => `${action} ${address}`)).toEqual([
      'update agent/cache/0',
      'create agent/new/0',
      'delete agent/old/0',
      'replace agent/web/0',
      'no-op network/default',
    ]);

    rmSync(rig.state, { recursive: true });
    const after = await rig.plan();
    expect(after.nodes).toEqual(before.nodes);
    expect(after.digest).toBe(before.digest);
  });

  test('a manifest that is removed takes exactly its own objects along', async () => {
    await using rig = createRig({ docker: true });
    const mounting = (source: string) => ({ volumes: [{ type: 'volume', source, target: '/data' }] });
    rig.write({
      'keep.agent.yaml': container('keep', mounting('kept')),
      'go.agent.yaml': container('go', { ...mounting('left'), replicas: 2 }),
    });
    await rig.apply();
    const keep = await agentContainer(rig.workspace, 'keep/0');

    rig.remove('go.agent.yaml');
    const { changes } = await rig.plan();
    expect(changes.filter(({ action }) => action !== 'no-op')).toMatchObject([
      { address: 'agent/go/0', action: 'delete', cause: { type: 'undeclared' } },
      { address: 'agent/go/1', action: 'delete', cause: { type: 'undeclared' } },
    ]);
    await rig.apply();
    expect(await objectsOf(rig.workspace)).toEqual({
      containers: [keep.Name.slice(1)],
      networks: [`${rig.workspace}-default`],
      volumes: [`${rig.workspace}-kept`, `${rig.workspace}-left`], // data is never removed along the way
    });
    expect(await agentContainer(rig.workspace, 'keep/0')).toMatchObject({
      Id: keep.Id,
      State: { StartedAt: keep.State.StartedAt },
    });
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('destroy takes everything away but named volumes, and those when it is told to', async () => {
    await using rig = createRig({ docker: true });
    rig.write({
      'web.agent.yaml': container('web', { volumes: [{ type: 'volume', source: 'data', target: '/data' }] }),
    });
    await rig.apply();
    expect(await rig.aac('destroy', '--auto-approve')).toMatchObject({ exitCode: 0 });
    expect(await objectsOf(rig.workspace)).toEqual({
      containers: [],
      networks: [],
      volumes: [`${rig.workspace}-data`],
    });
    expect(await rig.aac('destroy', '--volumes', '--auto-approve')).toMatchObject({ exitCode: 0 });
    expect(await objectsOf(rig.workspace)).toEqual({ containers: [], networks: [], volumes: [] });
  });

  test('an image whose tag names another image replaces the agent, and says that the image moved', async () => {
    await using rig = createRig({ docker: true });
    const repo = `aac-e2e/${rig.workspace}`;
    const tag = (source: string) => docker().getImage(source).tag({ repo, tag: '1' });
    await tag(busybox.image);
    try {
      rig.write({ 'web.agent.yaml': container('web', { ...shell('exec sleep 86400'), image: `${repo}:1` }) });
      await rig.apply();
      const before = await agentContainer(rig.workspace, 'web/0');
      expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });

      await tag('aac-test/node:20');
      const { changes } = await rig.plan();
      expect(changes.find(({ address }) => address === 'agent/web/0')).toMatchObject({
        action: 'replace',
        cause: { type: 'image-moved' },
      });
      await rig.apply();
      expect((await agentContainer(rig.workspace, 'web/0')).Id).not.toBe(before.Id);
      expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
    } finally {
      await removeWorkspace(docker(), rig.workspace);
      await docker().getImage(`${repo}:1`).remove();
    }
  });
});
