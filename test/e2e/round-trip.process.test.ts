import { existsSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { agentText, localProcess, placeOf, shell } from './manifests.ts';
import { namesOf, processWorld, runningOnce } from './world.ts';

/** A server that answers every request, at the port that it is given. */
const server = `
  const { createServer } = require('node:http');
  createServer((_, response) => response.end('hello')).listen(Number(process.env.PORT), '127.0.0.1');
`;

/** Every field of the manifest that the process driver honours, with a value that is not its default. */
const everyField = (port: number) => ({
  driver: 'process',
  runtime: 'nodejs',
  command: ['node', '-e'],
  args: [server],
  workingDir: 'work',
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
  ports: [{ container: 8080, host: port, hostIp: '127.0.0.1' }],
  network: { mode: 'host' },
  healthCheck: {
    type: 'http',
    path: '/health',
    port: 8080,
    interval: '2s',
    startInterval: '200ms',
    timeout: '5s',
    retries: 5,
    startPeriod: '1s',
    successThreshold: 2,
    onUnhealthy: 'none',
  },
  dependsOn: ['first', { agent: 'second', condition: 'healthy' }],
  restartPolicy: { name: 'on-failure', maxRetries: 3 },
  stop: { signal: 'SIGINT', gracePeriod: '2s' },
  lifecycle: { protect: false, ignoreDifferences: ['environment.LITERAL'], bestEffort: [] },
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

describe('a manifest that uses every field the process driver honours', () => {
  test('has nothing left to do after an apply, with and without the state folder', async () => {
    await using rig = processWorld.rig();
    const port = await freePort();
    const { network: _, ...fields } = everyField(port); // on the host's network every port is open as it is
    rig.write({
      'all/agent.yaml': agentText('all', fields, { version: '1.2.3', labels: { tier: 'back' } }),
      'all/work/.keep': '',
      'first.agent.yaml': localProcess('first', { restartPolicy: 'on-failure' }),
      'second.agent.yaml': localProcess('second', {
        replicas: 2,
        network: { mode: 'host' },
        healthCheck: { type: 'file', path: join(rig.folder, 'aac.yaml'), interval: '2s', startInterval: '200ms' },
      }),
      'third.agent.yaml': localProcess('third', {
        healthCheck: { command: ['test', '-e', 'third.agent.yaml'], interval: '2s', startInterval: '200ms' },
        dependsOn: ['all'],
      }),
    });
    await rig.apply();
    expect(await namesOf(processWorld, rig)).toEqual(['all/0', 'first/0', 'second/0', 'second/1', 'third/0']);
    expect(await (await fetch(`http://127.0.0.1:${String(port)}/`)).text()).toBe('hello');
    const { environment = [] } = (await runningOnce(processWorld, rig)).get('all/0') ?? {};
    expect(environment).toEqual(
      expect.arrayContaining([
        'LITERAL=a "quoted" $ value',
        'INTERPOLATED=fallback/end',
        'FROM_ENV=default',
        'FROM_CONFIG=hello',
        'AAC_MODEL_PROVIDER=local',
        'AAC_MODEL_NAME=none',
        `PORT=${String(port)}`,
        `AAC_PORT_8080=${String(port)}`,
      ]),
    );
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });

    rmSync(rig.state, { recursive: true });
    const plan = await rig.aac('plan', '--detailed-exitcode');
    expect(plan.exitCode, plan.all).toBe(0);
  });
});

describe('after an apply of processes', () => {
  test('one edited variable is one replacement that names the line, and an apply carries it out', async () => {
    await using rig = processWorld.rig();
    const manifest = localProcess('web', { environment: [{ name: 'GREETING', value: 'hello' }] });
    rig.write({ 'agents/web.agent.yaml': manifest, 'other.agent.yaml': localProcess('other') });
    await rig.apply();
    const before = await runningOnce(processWorld, rig);

    rig.edit('agents/web.agent.yaml', 'value: hello', 'value: goodbye');
    const plan = await rig.aac('plan', '--detailed-exitcode');
    expect(plan.exitCode).toBe(2);
    expect(plan.stdout).toContain('1 to replace');
    expect(plan.stdout).toContain(placeOf('agents/web.agent.yaml', manifest, 'value: hello', 'hello'));

    await rig.apply();
    const after = await runningOnce(processWorld, rig);
    expect(after.get('web/0')?.environment).toContain('GREETING=goodbye');
    expect(after.get('web/0')?.identity).not.toBe(before.get('web/0')?.identity);
    expect(after.get('other/0')).toEqual(before.get('other/0'));
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('a manifest that is removed takes exactly its own processes along, children included', async () => {
    await using rig = processWorld.rig();
    rig.write({
      'keep.agent.yaml': localProcess('keep'),
      'go.agent.yaml': localProcess('go', {
        ...shell('setsid sleep 86401 & sleep 86402 & exec sleep 86403'),
        stop: { gracePeriod: '1s' },
      }),
    });
    await rig.apply();
    const before = await runningOnce(processWorld, rig);
    const all = rig.processes().length;
    rig.remove('go.agent.yaml');
    expect((await rig.plan()).changes.filter(({ action }) => action !== 'no-op')).toMatchObject([
      { address: 'agent/go/0', action: 'delete', cause: { type: 'undeclared' } },
    ]);
    await rig.apply();
    expect(await runningOnce(processWorld, rig)).toEqual(new Map([['keep/0', before.get('keep/0')]]));
    expect(all - rig.processes().length).toBeGreaterThanOrEqual(3);
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('destroy leaves no process and plans everything anew', async () => {
    await using rig = processWorld.rig();
    rig.write({ 'web.agent.yaml': localProcess('web', { replicas: 3 }) });
    await rig.apply();
    expect(await rig.aac('destroy', '--auto-approve')).toMatchObject({ exitCode: 0 });
    expect(rig.processes()).toEqual([]);
    const { changes, drift } = await rig.plan();
    expect(changes).toMatchObject([{ action: 'create' }, { action: 'create' }, { action: 'create' }]);
    expect(drift).toEqual([]);
  });

  test('processes survive the command and its terminal, and the next command finds them', async () => {
    await using rig = processWorld.rig();
    rig.write({ 'web.agent.yaml': localProcess('web', shell('trap "" HUP; exec sleep 86400')) });
    const apply = rig.begin('apply', '--auto-approve');
    await apply.ended;
    apply.signal('SIGHUP');
    const before = await runningOnce(processWorld, rig);
    await rig.apply();
    expect(await runningOnce(processWorld, rig)).toEqual(before);
  });

  test('forty agents are applied, found unchanged, and destroyed in one go each', async () => {
    await using rig = processWorld.rig();
    const names = Array.from({ length: 40 }, (_, index) => `agent-${String(index).padStart(2, '0')}`);
    rig.write(
      Object.fromEntries(
        names.map((name, index) => [
          `${name}.agent.yaml`,
          localProcess(name, { dependsOn: index % 4 === 0 ? [] : [names[index - 1]] }),
        ]),
      ),
    );
    const applied = await rig.apply();
    expect(applied.stdout).toContain('40 created');
    expect(await namesOf(processWorld, rig)).toEqual(names.map((name) => `${name}/0`));
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
    const destroyed = await rig.aac('destroy', '--auto-approve');
    expect(destroyed.exitCode, destroyed.all).toBe(0);
    expect(destroyed.stdout).toContain('40 deleted');
    expect(rig.processes()).toEqual([]);
    expect(existsSync(rig.state)).toBe(true);
  });
});
