import { describe, expect, it } from 'vitest';
import type { Agent } from '../../../src/model/agent.ts';
import { labels } from '../../../src/model/labels.ts';
import { callOn } from '../../contract/calls.ts';
import { describeDocker } from '../../support/docker.ts';
import { openStage, type DockerStage } from './ground.ts';

const sentinel = 's3ntinel-value';
const values = {
  password: `${sentinel}\n`,
  token: `${sentinel}-too`,
  'tls.crt': 'certificate',
  'app.conf': 'mode = open\n',
};
const security = {
  runAsUser: 1000,
  runAsGroup: 1001,
  readOnlyRootFilesystem: true,
  capabilities: { add: [], drop: ['ALL'] },
  noNewPrivileges: true,
} as const;
const secret = (name: string, mountPath = `/run/secrets/${name}`): Agent['secrets'][number] => ({
  name,
  reference: { from: 'secret', name: 'web', key: name },
  mountPath,
});
const looks = (script: string) => ({ command: ['sh', '-c', `${script}; echo done; exec sleep 1000`] });

/** The lines that an agent prints until it is done. */
async function printed({ stage }: DockerStage, fields: Partial<Agent>): Promise<readonly string[]> {
  const { create } = await stage.knowing(values).run(fields);
  return linesOf(stage, create);
}

async function linesOf(stage: DockerStage['stage'], create: Parameters<typeof stage.see>[0]) {
  await expect.poll(() => stage.log(create), { timeout: 30_000 }).toContain('done');
  return stage.log(create);
}

describeDocker('secrets and mounts on a real engine', () => {
  it('are files that only the agent’s user can read and nobody can write, also with a read-only root', async () => {
    await using opened = await openStage();
    const lines = await printed(opened, {
      ...looks(
        'cd /run/secrets; stat -c "%a %u:%g %n" * /etc/app/key; cat password; cat /etc/app/key; echo; ' +
          '(chmod 600 password; touch more; chmod 600 /etc/app/key) 2>&1 | grep -c "Read-only file system"',
      ),
      security,
      secrets: [secret('password'), secret('token', '/etc/app/key')],
    });
    expect(lines).toEqual([
      '400 1000:1001 password',
      '400 1000:1001 token',
      '400 1000:1001 /etc/app/key',
      sentinel,
      `${sentinel}-too`,
      '3',
      'done',
    ]);
  });

  it('belong to the user that the image names, by name too', async () => {
    await using opened = await openStage();
    const { docker, stage } = opened;
    const base = await docker.createContainer({ Image: 'aac-test/busybox:1', Cmd: ['sh', '-c', script], User: '0' });
    await base.start();
    await base.wait();
    const repo = `aac-test/${stage.workspace}`;
    await base.commit({ repo, tag: '1', changes: 'USER clerk' });
    await base.remove();
    try {
      const lines = await printed(opened, {
        ...looks('stat -c "%a %u:%g" /run/secrets/password; cat /run/secrets/password'),
        image: `${repo}:1`,
        secrets: [secret('password')],
      });
      expect(lines).toEqual(['400 1234:4321', sentinel, 'done']);
    } finally {
      await removeAgents(opened);
      await docker.getImage(`${repo}:1`).remove({ force: true });
    }
  });

  it('stay through a restart and go with the container, volumes and all', async () => {
    await using opened = await openStage();
    const { docker, stage } = opened;
    const { create, seen } = await stage
      .knowing(values)
      .run({ ...looks('cat /run/secrets/password'), secrets: [secret('password', '/etc/app/password')] });
    await linesOf(stage, create);
    await docker.getContainer(seen.ref).restart({ t: 0 });
    await expect
      .poll(async () => (await stage.log(create)).filter((line) => line === sentinel), { timeout: 30_000 })
      .toHaveLength(2);
    expect(await filesOf(opened)).toEqual({ containers: 0, volumes: 1 });
    await stage.must(callOn(create, { verb: 'remove' }));
    expect(await filesOf(opened)).toEqual({ containers: 0, volumes: 0 });
  });

  it('leave no value in any container, label, volume or network that can be inspected', async () => {
    await using opened = await openStage();
    const { docker, stage } = opened;
    const { create, seen } = await stage.knowing(values).run({
      command: ['sleep', '1000'],
      secrets: [secret('password'), secret('token', '/etc/token')],
      volumes: [{ type: 'secret', source: 'web', keys: ['password'], target: '/etc/web', readOnly: true }],
    });
    const { Volumes } = await docker.listVolumes();
    const all = [await docker.getContainer(seen.ref).inspect(), await docker.listContainers({ all: true }), Volumes];
    expect(JSON.stringify(all)).not.toContain(sentinel);
    expect(JSON.stringify(seen)).not.toContain(sentinel);
    expect(seen.live).toEqual(create.spec);
    expect(Object.keys(seen.record.fingerprints).sort()).toEqual([
      '/secrets/password/reference',
      '/secrets/token/reference',
      '/volumes/~1etc~1web/keys/password',
    ]);
  });

  it('can also be variables, without the line break that ends a file', async () => {
    await using opened = await openStage();
    const lines = await printed(opened, {
      ...looks('echo "[$PASSWORD]"'),
      environment: { PASSWORD: { from: 'secret', name: 'web', key: 'password' } },
    });
    expect(lines).toEqual([`[${sentinel}]`, 'done']);
  });

  it('that have no value are an error at their field, and nothing is made', async () => {
    await using opened = await openStage();
    const { stage } = opened;
    const create = await stage.prepare({ command: ['true'], secrets: [secret('missing')] });
    expect(await stage.knowing(values).execute(create)).toMatchObject({
      ok: false,
      error: { code: 'invalid', field: '/secrets/missing/reference', message: /secret web\/missing/ },
    });
    expect(await filesOf(opened)).toEqual({ containers: 0, volumes: 0 });
  });

  it('are made anew where an earlier attempt was cut short', async () => {
    await using opened = await openStage();
    const { docker, stage } = opened;
    const create = await stage.prepare({ ...looks('cat /run/secrets/password'), secrets: [secret('password')] });
    const own = { [labels.workspace]: stage.workspace, [labels.filesOf]: create.address };
    await docker.createVolume({ Name: `${stage.workspace}-old-files-1`, Labels: own });
    await docker.createContainer({
      name: `${create.target.name}-files`,
      Image: 'aac-test/busybox:1',
      Labels: own,
      HostConfig: { Mounts: [{ Type: 'volume', Source: `${stage.workspace}-old-files-1`, Target: '/x' }] },
    });
    await stage.knowing(values).must(create);
    await stage.knowing(values).must(create);
    await stage.must(callOn(create, { verb: 'start' }));
    expect(await linesOf(stage, create)).toEqual([sentinel, 'done']);
    expect(await filesOf(opened)).toEqual({ containers: 0, volumes: 1 });
  });

  describe('a mount', () => {
    it('of a configmap or secret has its keys as files and cannot be written to', async () => {
      await using opened = await openStage();
      const lines = await printed(opened, {
        ...looks('stat -c "%a %u %n" /etc/web/* /etc/tls/*; cat /etc/web/* /etc/tls/*; echo; touch /etc/web/x 2>&1'),
        security,
        volumes: [
          { type: 'configmap', source: 'web', keys: ['app.conf'], target: '/etc/web', readOnly: true },
          { type: 'secret', source: 'tls', keys: ['tls.crt'], target: '/etc/tls', readOnly: true },
        ],
      });
      expect(lines.slice(0, 4)).toEqual([
        '444 0 /etc/web/app.conf',
        '400 1000 /etc/tls/tls.crt',
        'mode = open',
        'certificate',
      ]);
      expect(lines[4]).toContain('Read-only file system');
    });

    it('in memory has its size, and reads back as it was asked for', async () => {
      await using opened = await openStage();
      const { stage } = opened;
      const { create, seen } = await stage.run({
        ...looks('df -k /cache /plain | tail -n 2; grep -c "/plain tmpfs ro" /proc/mounts'),
        volumes: [
          { type: 'tmpfs', target: '/cache', size: 2 ** 20, readOnly: false },
          { type: 'tmpfs', target: '/plain', readOnly: true },
        ],
      });
      const lines = await linesOf(stage, create);
      expect(lines[0]).toMatch(/tmpfs\s+1024\s/);
      expect(lines[2]).toBe('1');
      expect(seen.live).toEqual(create.spec);
    });
  });
});

const script =
  'mkdir -p /etc && echo "clerk:x:1234:4321::/:/bin/sh" >> /etc/passwd && echo "clerk:x:4321:" >> /etc/group && true';

/** How many volumes and unstarted containers hold files of the workspace. */
async function filesOf({
  docker,
  stage,
}: DockerStage): Promise<{ readonly containers: number; readonly volumes: number }> {
  const isOurs = (found: Readonly<Record<string, string>> | null) =>
    found?.[labels.workspace] === stage.workspace && found[labels.filesOf] !== undefined;
  const containers = (await docker.listContainers({ all: true })).filter(({ Labels }) => isOurs(Labels));
  const { Volumes } = await docker.listVolumes();
  const volumes = ((Volumes as typeof Volumes | null) ?? []).filter(({ Labels }) => isOurs(Labels));
  return { containers: containers.length, volumes: volumes.length };
}

async function removeAgents({ docker, stage }: DockerStage): Promise<void> {
  for (const { Id, Labels } of await docker.listContainers({ all: true })) {
    if (Labels[labels.workspace] === stage.workspace) await docker.getContainer(Id).remove({ force: true });
  }
}
