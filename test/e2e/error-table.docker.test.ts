import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { describeDocker, dockerHost, sharesNetwork } from '../support/docker.ts';
import { createEngineProxy } from '../support/engine-proxy.ts';
import { createRig, type Commands, type Rig, type RigOptions } from '../support/rig.ts';
import { docker, freeRange, objectsOf } from './engine-view.ts';
import { busybox, container, shell, type SpecFields } from './manifests.ts';

/** What a person has to be told. `line` is what stands on the line that the error points to. */
interface Told {
  readonly code: string;
  readonly message: string | RegExp;
  readonly line?: RegExp;
  readonly hint: RegExp;
}

const files = new Map<Rig, Record<string, string>>();

function write(rig: Rig, name: string, spec: SpecFields): void {
  const text = container(name, spec);
  files.set(rig, { ...files.get(rig), [`${name}.agent.yaml`]: text });
  rig.write({ [`${name}.agent.yaml`]: text });
}

function rigOf(options: RigOptions = {}): Rig {
  return createRig({ docker: true, ...options });
}

/** `apply` ends with one error about `web`, as told, and has touched nothing. */
async function expectRefused(rig: Rig, told: Told, commands: Commands = rig): Promise<void> {
  const before = await objectsOf(rig.workspace);
  const { exitCode, stdout, all } = await commands.aac('apply', '--auto-approve', '--format', 'json');
  expect(exitCode, all).toBe(1);
  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] };
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors, all).toHaveLength(1);
  const [error] = errors;
  expect(error?.code).toBe(told.code);
  expect(error?.message).toMatch(told.message);
  expect(error?.hint).toMatch(told.hint);
  if (told.line) {
    expect(error?.address).toMatch(/^agent\/web(\/0)?$/);
    expect(lineAt(rig, error?.range)).toMatch(told.line);
  }
  expect(await objectsOf(rig.workspace)).toEqual(before);
}

function lineAt(rig: Rig, range: Diagnostic['range']): string | undefined {
  return files.get(rig)?.[range?.file ?? '']?.split('\n')[(range?.start.line ?? 0) - 1];
}

/** The entry of an agent in the ledger of an apply that fails. */
async function failureOf(commands: Commands, address: string): Promise<Failure> {
  const { exitCode, stdout, all } = await commands.aac('apply', '--auto-approve', '--format', 'json');
  expect(exitCode, all).toBe(1);
  const { resources } = JSON.parse(stdout) as { readonly resources: readonly Failure[] };
  const failure = resources.find((resource) => resource.address === address);
  if (!failure) throw new Error(`${address} is not in the ledger:\n${all}`);
  return failure;
}

interface Failure {
  readonly address: string;
  readonly status: string;
  readonly source?: Diagnostic['range'];
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly details?: readonly string[];
  };
}

const publishing = (host: number): SpecFields => ({ ports: [{ container: 8080, host, hostIp: '127.0.0.1' }] });
const portTaken = { code: 'port-in-use', line: /host: \d+/, hint: /another host port/ };

describeDocker('an image that is absent and may not be pulled', () => {
  test('is refused by its name', async () => {
    await using rig = rigOf();
    const image = `${rig.workspace}:latest`;
    write(rig, 'web', { image, imagePullPolicy: 'Never' });
    const message = `image \`${image}\` not found locally`;
    await expectRefused(rig, { code: 'image-not-found', message, line: /image: /, hint: /build it/ });
  });
});

describeDocker('a host port that is taken', () => {
  test('is refused with the container that holds it, and with the agent where that is one of another project', async () => {
    await using rig = rigOf();
    await using other = rigOf();
    const port = await freeRange(1);
    write(rig, 'web', publishing(port));
    write(other, 'api', publishing(port));
    await other.apply();
    const [name] = (await objectsOf(other.workspace)).containers;
    const message = `port ${String(port)} is already in use by container ${String(name)} (\`agent/api/0\` of the workspace \`${other.workspace}\`)`;
    await expectRefused(rig, { ...portTaken, message });
    await other.aac('destroy', '--auto-approve');

    const stranger = await docker().createContainer({
      name: `${rig.workspace}-stranger`,
      Image: busybox.image,
      Cmd: ['sleep', '86400'],
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] }, Init: true },
    });
    await stranger.start();
    await expectRefused(rig, {
      ...portTaken,
      message: `port ${String(port)} is already in use by container ${rig.workspace}-stranger`,
    });
    await stranger.remove({ force: true });
  });

  test('is refused with the agent of the same project that keeps it', async () => {
    await using rig = rigOf();
    const port = await freeRange(1);
    write(rig, 'first', { ...publishing(port), lifecycle: { protect: true } });
    await rig.apply();
    rig.remove('first.agent.yaml');
    write(rig, 'web', publishing(port));
    await expectRefused(rig, { ...portTaken, message: `port ${String(port)} is already in use by \`agent/first/0\`` });
  });

  test('is refused with the process that listens there', async (context) => {
    if (!(await sharesNetwork(docker()))) context.skip('the host of this engine is out of reach');
    await using rig = rigOf();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    write(rig, 'web', publishing(port));
    const message = new RegExp(`^port ${String(port)} is already in use by process ${String(process.pid)} \\(.+\\)$`);
    await expectRefused(rig, { ...portTaken, message });
    await new Promise((resolve) => server.close(resolve));
  });
});

describeDocker('a limit', () => {
  test('above what the host has is refused with what is asked for, free and there', async () => {
    await using rig = rigOf();
    write(rig, 'beside', { resources: { limits: { memory: '64Mi' } } });
    write(rig, 'web', { resources: { limits: { memory: '900Ti' } } });
    const message = /^insufficient memory: asked 900Ti, free \d+[GM]i, total \d+[GM]i$/;
    const told = { code: 'insufficient-resources', line: /memory: 900Ti/, hint: /ask for at most \d+[GM]i/ };
    await expectRefused(rig, { ...told, message });
  });

  test('above the quota of the project is refused likewise', async () => {
    await using rig = rigOf({ project: { quotas: { memory: '128Mi' } } });
    write(rig, 'beside', { resources: { limits: { memory: '96Mi' } } });
    write(rig, 'web', { resources: { limits: { memory: '64Mi' } } });
    const message = 'insufficient memory in the quota of the project: asked 64Mi, free 32Mi, total 128Mi';
    await expectRefused(rig, {
      code: 'insufficient-resources',
      message,
      line: /memory: 64Mi/,
      hint: /raise `spec\.quotas\.memory`/,
    });
  });
});

describeDocker('a network that cannot be made', () => {
  test('fails with the reason of the engine, and its agents are skipped', async () => {
    await using rig = rigOf();
    await using proxy = await createEngineProxy(dockerHost());
    // Taking every address pool of an engine would keep the tests beside this one from theirs: the words are the engine's.
    const reason = 'could not find an available, non-overlapping IPv4 address pool among the defaults to assign';
    proxy.treat(({ path }) => (path.startsWith('/networks/create') ? { status: 404, message: reason } : 'pass'));
    write(rig, 'web', {});
    const commands = rig.with({ environment: { DOCKER_HOST: proxy.host } });
    const failure = await failureOf(commands, 'network/default');
    expect(failure.error?.message).toBe(`failed to create network \`${rig.workspace}-default\`: ${reason}`);
    expect(failure.error?.hint).toMatch(/docker network prune/);
    expect((await objectsOf(rig.workspace)).networks).toEqual([]);
  });
});

describeDocker('an engine that cannot be reached', () => {
  test('is one error that names the socket and why it was that one', async () => {
    await using rig = rigOf();
    write(rig, 'web', {});
    const socket = `unix://${join(rig.folder, 'absent.sock')}`;
    await expectRefused(
      rig,
      {
        code: 'driver-unreachable',
        message: new RegExp(`${socket} does not answer \\(chosen by DOCKER_HOST`),
        hint: /start the engine/,
      },
      rig.with({ environment: { DOCKER_HOST: socket } }),
    );
  });
});

describeDocker('a value that is missing', () => {
  test('is refused with the place where it was looked for', async () => {
    await using rig = rigOf({ project: { secrets: { from: 'files', path: 'vault' }, configs: { from: 'env' } } });
    const told = {
      code: 'secret-not-found',
      line: /from: (secret|configmap)/,
      hint: /put it there|set it in the environment/,
    };
    write(rig, 'web', { environment: [{ name: 'TOKEN', from: 'secret', secretName: 'shop' }] });
    await expectRefused(rig, {
      ...told,
      message: '`secret shop/TOKEN` was not found: looked for `vault/shop/TOKEN`',
    });
    write(rig, 'web', { environment: [{ name: 'MODE', from: 'configmap', configMapName: 'flags' }] });
    await expectRefused(rig, { ...told, message: /`config flags\/MODE` was not found: looked for .*FLAGS_MODE/ });
  });
});

describeDocker('an agent that does not come up', () => {
  const talks = 'i=1; while [ $i -le 30 ]; do echo "line $i."; i=$((i+1)); done';

  test('fails with its exit code and the last 20 lines it wrote', async () => {
    await using rig = rigOf();
    write(rig, 'web', { ...shell(`${talks}; exit 3`), restartPolicy: 'never' });
    const failure = await failureOf(rig, 'agent/web/0');
    expect(failure.error?.message).toMatch(/exited with code 3/);
    expect(failure.error?.details).toEqual(Array.from({ length: 20 }, (_, index) => `line ${String(index + 11)}.`));
    expect(failure.error?.hint).toMatch(/aac logs web/);
    expect(lineAt(rig, failure.source)).toMatch(/command:|- sh/);
  });

  test('fails with the check that failed, at its line, and the last 20 lines it wrote', async () => {
    await using rig = rigOf();
    const timing = { interval: '200ms', startInterval: '100ms', startPeriod: '0s', retries: 2 };
    write(rig, 'web', { ...shell(`${talks}; sleep 1000`), healthCheck: { type: 'file', path: '/ready', ...timing } });
    const failure = await failureOf(rig, 'agent/web/0');
    expect(failure.error?.message).toMatch(/is unhealthy: `\/ready` does not exist/);
    expect(failure.error?.details).toEqual(Array.from({ length: 20 }, (_, index) => `line ${String(index + 11)}.`));
    expect(failure.error?.hint).toMatch(/aac logs web/);
    expect(lineAt(rig, failure.source)).toMatch(/healthCheck:|type: file/);
  });
});
