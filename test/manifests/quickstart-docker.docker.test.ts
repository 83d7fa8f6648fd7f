import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { expect, onTestFinished, test } from 'vitest';
import { describeDocker, dockerClient, sharesNetwork } from '../support/docker.ts';
import { createRig } from '../support/rig.ts';
import { copyExample, getJson, type Answer } from './example.ts';

describeDocker('manifests/quickstart-docker', () => {
  test('is built, planned, applied, healthy, reachable by agent name, and destroyed', async () => {
    const docker = dockerClient();
    await using rig = createRig({ docker: true, project: 'none' });
    const image = `aac-quickstart:${rig.workspace}`;
    const example = await copyExample(rig, 'quickstart-docker', {
      ports: [18090],
      replacements: { 'aac-quickstart:1': image },
      environment: { GREETING: 'Moin' },
    });
    onTestFinished(() => docker.getImage(image).remove());
    await buildImage(docker, example.manifests, image);

    await example.aac(0, 'validate');
    await example.aac(2, 'plan', '--detailed-exitcode');
    expect(await standing(docker, rig.workspace)).toEqual([]);

    const url = `http://127.0.0.1:${String(example.port(18090))}`;
    expect(await example.aac(0, 'apply', '--auto-approve')).toContain(url);
    const greeted = (await sharesNetwork(docker))
      ? await getJson(`${url}/chat`, 'hello, what is drift?')
      : await chatWithin(docker, `${rig.workspace}-router-0`, 'hello, what is drift?');
    expect(greeted).toMatchObject({ agent: 'router', via: ['greeter', 'retriever'] });
    expect((greeted as Answer).reply).toMatch(/^Moin! Drift is /);

    await example.aac(0, 'plan', '--detailed-exitcode');

    await example.aac(0, 'destroy', '--auto-approve');
    expect(await standing(docker, rig.workspace)).toEqual([]);
    await example.aac(2, 'plan', '--detailed-exitcode');
  });
});

/** What the README's `docker build` does, on a base image that needs no registry. */
async function buildImage(docker: Docker, manifests: string, image: string): Promise<void> {
  const context = join(manifests, 'quickstart');
  cpSync(join(manifests, 'quickstart-docker', 'Dockerfile'), join(context, 'Dockerfile'));
  const progress = await docker.buildImage(
    { context, src: readdirSync(context) },
    { t: image, buildargs: { BASE: 'aac-test/node:20' } },
  );
  await new Promise((resolve, reject) => {
    docker.modem.followProgress(progress, (error, output) => {
      if (error) reject(error);
      else resolve(output);
    });
  });
}

/** The names of a workspace's containers and networks. */
async function standing(docker: Docker, workspace: string): Promise<readonly string[]> {
  const containers = (await docker.listContainers({ all: true })).flatMap(({ Names }) => Names);
  const networks = (await docker.listNetworks()).map(({ Name }) => Name);
  return [...containers, ...networks].filter((name) => name.includes(`${workspace}-`));
}

/** Chats from inside of a container, for an engine whose published ports are not in our network. */
async function chatWithin(docker: Docker, namePrefix: string, message: string): Promise<unknown> {
  const [container] = await docker.listContainers({ filters: { name: [namePrefix] } });
  const request = { method: 'POST', body: JSON.stringify({ message }) };
  const script = `fetch('http://127.0.0.1:8080/chat', ${JSON.stringify(request)}).then((r) => r.text()).then(console.log)`;
  const exec = await docker
    .getContainer(container!.Id)
    .exec({ Cmd: ['node', '-e', script], AttachStdout: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
