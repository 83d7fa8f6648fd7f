import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import { stringify } from 'yaml';
import { describeDocker, dockerClient } from '../support/docker.ts';
import { pushImage, registryUser, startRegistry, type Registry } from '../support/registry.ts';
import { createRig, type Rig } from '../support/rig.ts';

const local = 'aac-test/busybox:1';

describeDocker('an image in a registry', () => {
  test('is pulled, shown by its digest, pinned by it, and pulled anew where the policy says so', async (context) => {
    await using registry = await registryOr(context, false);
    await using rig = createRig({ docker: true });
    await using image = await pushed(registry, rig);
    agent(rig, { image: image.name });
    expect((await rig.aac('plan')).stdout).toContain('image: known after pull');
    const applied = await rig.apply();
    expect(applied.all).toMatch(/pull/);
    expect(await imagesOf(rig)).toEqual([image.name]);
    expect((await rig.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);

    agent(rig, { image: image.name, init: false });
    expect((await rig.aac('plan')).stdout).toContain(`image: ${image.digest}`);
    agent(rig, { image: image.name, init: false, imagePullPolicy: 'Always' });
    expect((await rig.aac('plan')).stdout).toContain('image: known after pull');

    agent(rig, { image: image.digest });
    await rig.apply();
    expect(await imagesOf(rig)).toEqual([image.digest]);
    expect((await rig.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);
  });

  test('behind a password is pulled with what the docker CLI has written down, and by nobody else', async (context) => {
    await using registry = await registryOr(context, true);
    await using rig = createRig({ docker: true });
    await using image = await pushed(registry, rig);
    agent(rig, { image: image.name });
    const folder = configFolder(rig, {});
    const stranger = rig.with({ environment: { DOCKER_CONFIG: folder } });
    const refused = await stranger.aac('apply', '--auto-approve');
    expect(refused.exitCode).toBe(1);
    expect(refused.all).toContain(`image \`${image.name}\` cannot be pulled`);
    expect(refused.all).toContain(`docker login ${registry.host}`);
    expect(await imagesOf(rig)).toEqual([]);

    const { username, password } = registryUser;
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    configFolder(rig, { auths: { [registry.host]: { auth } } });
    const applied = await stranger.apply();
    expect(await imagesOf(rig)).toEqual([image.name]);
    expect(applied.all).not.toContain(password);
  });

  test('behind a password is pulled with what a credential helper says', async (context) => {
    await using registry = await registryOr(context, true);
    await using rig = createRig({ docker: true });
    await using image = await pushed(registry, rig);
    agent(rig, { image: image.name });
    const folder = configFolder(rig, { credsStore: 'aac-test' });
    const { username, password } = registryUser;
    const answer = JSON.stringify({ ServerURL: registry.host, Username: username, Secret: password });
    const script = `#!/bin/sh\nread -r server\n[ "$1 $server" = "get ${registry.host}" ] && echo '${answer}'\n`;
    writeFileSync(join(folder, 'docker-credential-aac-test'), script, { mode: 0o755 });
    const PATH = `${folder}:${process.env.PATH ?? ''}`;
    await rig.with({ environment: { DOCKER_CONFIG: folder, PATH } }).apply();
    expect(await imagesOf(rig)).toEqual([image.name]);
  });

  test('that is not there, with the policy Never, stops the plan', async () => {
    await using rig = createRig({ docker: true });
    agent(rig, { image: `${rig.workspace}:1`, imagePullPolicy: 'Never' });
    const { exitCode, all } = await rig.aac('apply', '--auto-approve');
    expect(exitCode).toBe(1);
    expect(all).toContain(`image \`${rig.workspace}:1\` not found locally`);
    expect(await imagesOf(rig)).toEqual([]);
  });
});

async function registryOr(context: TestContext, password: boolean): Promise<Registry> {
  const registry = await startRegistry(dockerClient(), { password });
  return typeof registry === 'string' ? context.skip(registry) : registry;
}

interface Pushed extends AsyncDisposable {
  readonly name: string;
  readonly digest: string;
}

/** An image that is in the registry alone; what was pulled of it is taken away in the end. */
async function pushed({ host }: Registry, rig: Rig): Promise<Pushed> {
  const docker = dockerClient();
  const name = `${host}/${rig.workspace}:1`;
  const digest = await pushImage(docker, local, name);
  return {
    name,
    digest,
    [Symbol.asyncDispose]: async () => {
      await rig.aac('destroy', '--auto-approve');
      for (const reference of [name, digest]) {
        await docker
          .getImage(reference)
          .remove()
          .catch(() => undefined);
      }
    },
  };
}

function agent(rig: Rig, spec: Readonly<Record<string, unknown>>): void {
  rig.write({
    'web.agent.yaml': stringify({
      apiVersion: 'agent.dev/v1',
      kind: 'Agent',
      metadata: { name: 'web' },
      spec: { command: ['sleep', '1000'], stop: { gracePeriod: '1s' }, ...spec },
    }),
  });
}

function configFolder(rig: Rig, config: object): string {
  const folder = join(dirname(rig.folder), 'docker-config');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return folder;
}

/** The images of the workspace's containers, as the engine has them. */
async function imagesOf({ workspace }: Rig): Promise<readonly string[]> {
  const docker = dockerClient();
  const listed = await docker.listContainers({ filters: { name: [`${workspace}-`] } });
  const inspected = await Promise.all(listed.map(({ Id }) => docker.getContainer(Id).inspect()));
  return inspected.map(({ Config }) => Config.Image);
}
