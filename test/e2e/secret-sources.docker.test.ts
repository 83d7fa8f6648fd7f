import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { labels } from '../../src/model/labels.ts';
import { describeDocker, dockerClient } from '../support/docker.ts';
import { createRig, type Rig } from '../support/rig.ts';

const sentinel = 's3ntinel-value-of-a-secret';

const agent = `apiVersion: agent.dev/v1
kind: Agent
metadata: { name: web }
spec:
  image: aac-test/busybox:1
  command: [sleep, '1000']
  stop: { gracePeriod: 0s }
  environment:
    - { name: API_KEY, from: secret }
    - { name: MODE, from: configmap, configMapName: flags }
  secrets:
    - { name: db, secretName: shop, secretKey: password }
  volumes:
    - { type: secret, source: tls, target: /etc/tls }
    - { type: configmap, source: flags, target: /etc/flags }
`;

const sources = {
  '.secrets/web/API_KEY': `${sentinel}-1\n`,
  '.secrets/shop/password': `${sentinel}-2\n`,
  '.secrets/tls/tls.key': `${sentinel}-3\n`,
  'config/flags/MODE': 'open\n',
};

function createShop(): Rig {
  const project = { secrets: { from: 'files' }, configs: { from: 'files' } };
  const rig = createRig({ docker: true, project });
  rig.write({ 'web.agent.yaml': agent, ...sources });
  return rig;
}

describeDocker('secrets and configs of a project', () => {
  it('roll the agent when they change, and the plan names the reference and its line, never the value', async () => {
    await using rig = createShop();
    await rig.apply();
    expect((await rig.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);

    rig.write({ '.secrets/shop/password': `${sentinel}-9\n`, 'config/flags/MODE': 'closed\n' });
    const planned = await rig.aac('plan', '--detailed-exitcode');
    expect(planned.exitCode).toBe(2);
    expect(planned.stdout).toContain('because a value it reads changed');
    expect(planned.stdout).toMatch(
      /secrets\.db\.reference .*secret shop\/password has another value.*web.agent.yaml:12/,
    );
    expect(planned.stdout).toMatch(/environment\.MODE .*config flags\/MODE has another value.*web.agent.yaml:10/);
    expect(planned.stdout).toMatch(/volumes\.\/etc\/flags\.keys\.MODE .*has another value/);
    expect(planned.all).not.toContain(sentinel);
    expect(planned.all).not.toContain('tls.key');

    const unchanged = await rig.aac('plan', '--secrets=unchanged');
    expect(unchanged.all).toContain('secrets were not read and count as unchanged');
    expect(unchanged.stdout).not.toContain('shop/password');
    expect(unchanged.stdout).toContain('environment.MODE');

    await rig.apply();
    expect((await rig.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);
    expect(await inAgent(rig, 'cat', '/run/secrets/db', '/etc/tls/tls.key', '/etc/flags/MODE')).toBe(
      `${sentinel}-9\n${sentinel}-3\nclosed\n`,
    );
  });

  it('that get a key more or less are a change of the mount', async () => {
    await using rig = createShop();
    await rig.apply();
    rig.write({ '.secrets/tls/tls.crt': 'certificate' });
    const planned = await rig.aac('plan', '--detailed-exitcode');
    expect(planned.exitCode).toBe(2);
    expect(planned.stdout).toMatch(/\+ volumes\.\/etc\/tls\.keys\.tls\.crt +\(sensitive\) secret tls\/tls\.crt/);
  });

  it('that are missing stop the plan at their line, and the agent runs on', async () => {
    await using rig = createShop();
    await rig.apply();
    rig.remove('.secrets/shop/password', '.secrets/tls/tls.key');
    const planned = await rig.aac('apply', '--auto-approve');
    expect(planned.exitCode).toBe(1);
    expect(planned.stderr).toContain('web.agent.yaml:12:');
    expect(planned.stderr).toContain('`secret shop/password` was not found: looked for `.secrets/shop/password`');
    expect(await inAgent(rig, 'cat', '/run/secrets/db')).toBe(`${sentinel}-2\n`);
    expect((await rig.aac('ps')).exitCode).toBe(0);
  });

  it('need not be there for who only reviews: the digest is the same, and the approved plan applies', async () => {
    await using rig = createShop();
    await rig.apply();
    rig.edit('web.agent.yaml', "[sleep, '1000']", "[sleep, '2000']");
    const mine = await rig.plan();
    rig.remove(...Object.keys(sources).filter((file) => file.startsWith('.secrets')));
    const theirs = await rig.plan('--secrets=unchanged');
    expect(theirs.digest).toBe(mine.digest);
    const careless = await rig.aac('apply', '--secrets=unchanged', '--auto-approve');
    expect(careless.exitCode).toBe(1);
    expect(careless.stderr).toContain('--expect');
    rig.write(sources);
    await rig.apply('--secrets=unchanged', '--expect', theirs.digest);
    expect((await rig.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);
  });

  it('come from a program too, whose output is in no error', async () => {
    await using rig = createRig({
      docker: true,
      project: { secrets: { from: 'command', command: ['sh', 'source.sh'] } },
    });
    rig.write({
      'source.sh': `echo ${sentinel}; [ "$2" != API_KEY ] || { echo "sealed: $1/$2" >&2; exit 1; }\n`,
      'web.agent.yaml': agent.replace(/ {4}- \{ name: MODE.*\n/, '').replace(/ {2}volumes:[^]*$/, ''),
    });
    const refused = await rig.aac('apply', '--auto-approve');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(
      '`secret web/API_KEY` cannot be read: `sh` ended with exit code 1: sealed: web/API_KEY',
    );
    expect(refused.all).not.toContain(sentinel);
    rig.write({ 'source.sh': `echo ${sentinel}\n` });
    await rig.apply();
    expect(await inAgent(rig, 'cat', '/run/secrets/db')).toBe(sentinel);
  });

  it('leave a value in the agent’s own environment and its files, and nowhere else', async () => {
    await using rig = createShop();
    const docker = dockerClient();
    const outputs = [
      await rig.aac('validate'),
      await rig.aac('plan'),
      await rig.aac('plan', '--format', 'json'),
      await rig.aac('plan', '--out', 'plan.json'),
      await rig.aac('apply', 'plan.json', '--format', 'jsonl', '--log-level', 'debug'),
      await rig.aac('ps', '--format', 'json'),
      await rig.aac('drift', '--format', 'json'),
      await rig.aac('logs'),
    ];
    expect(outputs.map(({ exitCode }) => exitCode)).toEqual(outputs.map(() => 0));
    expect(outputs.map(({ all }) => all).join('\n')).not.toContain(sentinel);
    expect(readFileSync(join(rig.folder, 'plan.json'), 'utf8')).not.toContain(sentinel);
    for (const entry of readdirSync(rig.state, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      expect(readFileSync(join(entry.parentPath, entry.name), 'utf8'), entry.name).not.toContain(sentinel);
    }
    const id = await agentOf(rig);
    const { Config, ...rest } = await docker.getContainer(id).inspect();
    expect(Config.Env.filter((entry) => entry.includes(sentinel))).toEqual([`API_KEY=${sentinel}-1`]);
    const others = [
      { ...Config, Env: [] },
      rest,
      await docker.listContainers({ all: true }),
      (await docker.listVolumes()).Volumes,
      await docker.listNetworks(),
    ];
    expect(JSON.stringify(others)).not.toContain(sentinel);
    await rig.aac('destroy', '--auto-approve');
    const { Volumes } = await docker.listVolumes();
    expect(
      Volumes.filter(({ Labels }) => (Labels as typeof Labels | null)?.[labels.workspace] === rig.workspace),
    ).toEqual([]);
  });
});

async function agentOf(rig: Rig): Promise<string> {
  const filters = { label: [`${labels.workspace}=${rig.workspace}`] };
  const [container] = await dockerClient().listContainers({ filters });
  return container!.Id;
}

async function inAgent(rig: Rig, ...command: readonly string[]): Promise<string> {
  const exec = await dockerClient()
    .getContainer(await agentOf(rig))
    .exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8').replaceAll('\r\n', '\n');
}
