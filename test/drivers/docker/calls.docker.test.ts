import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { networkTemplate, volumeTemplate } from '../../../src/model/address.ts';
import { fieldPath } from '../../../src/model/field-path.ts';
import { callOn, createCall, projectOf, agentOf } from '../../contract/calls.ts';
import { never } from '../../contract/stage.ts';
import { describeDocker, sharesNetwork } from '../../support/docker.ts';
import { openStage } from './ground.ts';

const sleeps = { command: ['sleep', '1000'] };
const volume = { type: 'volume', source: 'cache', target: '/cache', readOnly: false } as const;

describeDocker('calls on a real engine', () => {
  describe('an update', () => {
    const limit = (name: string) => fieldPath('resources', 'limits', name);

    it('changes limits while the process runs on, and takes them away again', async () => {
      await using opened = await openStage();
      const { stage, docker } = opened;
      const { create, seen } = await stage.run({ ...sleeps, resources: { limits: { cpu: 5e8 }, requests: {} } });
      const update = (fields: Readonly<Record<string, number | null>>) =>
        stage.must(callOn(create, { verb: 'update', fields }, seen.ref));
      await update({ [limit('cpu')]: 1e9, [limit('memory')]: 64 * 2 ** 20, [limit('pids')]: 50 });
      const limited = (await docker.getContainer(seen.ref).inspect()).HostConfig;
      expect(limited).toMatchObject({ NanoCpus: 1e9, Memory: 64 * 2 ** 20, MemorySwap: 64 * 2 ** 20, PidsLimit: 50 });
      await update({ [limit('memory')]: 128 * 2 ** 20 });
      await update({ [limit('memory')]: null, [limit('pids')]: null });
      const after = await stage.see(create);
      expect(after.live).toMatchObject({ resources: { limits: { cpu: 1e9, memory: null, pids: null } } });
      expect(after.startedAt).toBe(seen.startedAt);
    });

    it('that the engine swallows without a word is an error at the field', async () => {
      await using opened = await openStage();
      const { stage } = opened;
      const { create } = await stage.run({ ...sleeps, resources: { limits: { cpu: 5e8 }, requests: {} } });
      expect(await stage.execute(callOn(create, { verb: 'update', fields: { [limit('cpu')]: null } }))).toMatchObject({
        ok: false,
        error: { code: 'invalid', field: limit('cpu') },
      });
    });

    it('sets a limit that somebody set as a quota by hand', async () => {
      await using opened = await openStage();
      const { stage, docker } = opened;
      const { create, seen } = await stage.run(sleeps);
      await docker.getContainer(seen.ref).update({ CpuPeriod: 100_000, CpuQuota: 50_000 });
      expect((await stage.see(create)).live).toMatchObject({ resources: { limits: { cpu: 5e8 } } });
      await stage.must(callOn(create, { verb: 'update', fields: { [limit('cpu')]: null } }));
      expect((await stage.see(create)).live).toEqual(create.spec);
    });
  });

  describe('what is not ours', () => {
    it('keeps its name, and the error says whose it is', async () => {
      await using opened = await openStage();
      const { stage, docker } = opened;
      const create = await stage.prepare(sleeps);
      const stranger = await docker.createContainer({
        name: create.target.name,
        Image: 'aac-test/busybox:1',
        Cmd: ['sleep', '1000'],
        HostConfig: { Init: true },
      });
      await stranger.start();
      const before = (await stranger.inspect()).State;
      expect(await stage.execute(create)).toMatchObject({
        ok: false,
        error: {
          code: 'conflict',
          message: expect.stringContaining(
            `the name \`${create.target.name}\` is taken by a container that aac did not make`,
          ) as string,
        },
      });
      for (const call of [
        callOn(create, { verb: 'start' }),
        callOn(create, { verb: 'stop', gracePeriod: 0 }),
        callOn(create, { verb: 'remove' }),
        callOn(create, { verb: 'update', fields: { [fieldPath('resources', 'limits', 'memory')]: 64 * 2 ** 20 } }),
      ]) {
        expect(await stage.execute(call), call.verb).toMatchObject({ ok: false, error: { code: 'conflict' } });
      }
      expect((await stranger.inspect()).State).toEqual(before);
      expect(await stage.inspect(create)).toBeUndefined();
      expect((await stage.observe()).facts.foreignNames.get(`agent/${create.target.name}`)).toBe(
        'a container that aac did not make',
      );
    });

    it('keeps the names of its networks and volumes too', async () => {
      await using opened = await openStage();
      const { stage, docker, ground } = opened;
      const network = await docker.createNetwork({ Name: `${stage.workspace}-default` });
      await docker.createVolume({ Name: `${stage.workspace}-cache` });
      const agents = [agentOf('docker', 'web', { volumes: [volume] })];
      const { templates } = ground.driver.compileShared(agents, projectOf(stage.workspace, ground.root));
      for (const call of templates.map((template) => createCall(stage.workspace, template))) {
        expect(await stage.execute(call), call.address).toMatchObject({ ok: false, error: { code: 'conflict' } });
        expect(await stage.execute(callOn(call, { verb: 'remove' })), call.address).toMatchObject({ ok: false });
      }
      expect(await network.inspect()).toMatchObject({ Name: `${stage.workspace}-default` });
      expect([...(await stage.observe()).facts.foreignNames]).toEqual([
        [`network/${stage.workspace}-default`, 'a network that aac did not make'],
        [`volume/${stage.workspace}-cache`, 'a volume that aac did not make'],
      ]);
    });
  });

  describe('networks and volumes', () => {
    it('asked for by many at the same moment come to be once', async () => {
      await using opened = await openStage();
      const { stage, docker, ground } = opened;
      const agents = [agentOf('docker', 'web', { volumes: [volume] })];
      const { templates } = ground.driver.compileShared(agents, projectOf(stage.workspace, ground.root));
      expect(templates.map(({ address }) => address)).toEqual([networkTemplate('default'), volumeTemplate('cache')]);
      for (const call of templates.map((template) => createCall(stage.workspace, template))) {
        await Promise.all(Array.from({ length: 4 }, () => stage.must(call)));
      }
      const networks = (await docker.listNetworks()).filter(({ Name }) => Name === `${stage.workspace}-default`);
      const { Volumes } = await docker.listVolumes();
      expect(networks).toHaveLength(1);
      expect(Volumes.filter(({ Name }) => Name === `${stage.workspace}-cache`)).toHaveLength(1);
    });

    it('that are in use are not removed, and the error names what uses them', async () => {
      await using opened = await openStage();
      const { stage, ground } = opened;
      const { create } = await stage.run(sleeps);
      const { templates } = ground.driver.compileShared(
        [agentOf('docker', 'web')],
        projectOf(stage.workspace, ground.root),
      );
      const remove = callOn(createCall(stage.workspace, templates[0]!), { verb: 'remove' });
      expect(await stage.execute(remove)).toMatchObject({
        ok: false,
        error: { code: 'conflict', message: expect.stringContaining(`\`${create.target.name}\``) as string },
      });
      await stage.must(callOn(create, { verb: 'remove' }));
      expect(await stage.execute(remove)).toMatchObject({ ok: true });
    });
  });

  describe('a start', () => {
    it('that loses the race for a port says who has it, and succeeds once it is free', async () => {
      await using opened = await openStage();
      const { stage } = opened;
      const ports = { '80/tcp': { host: await freePort(), hostIp: '127.0.0.1' } };
      const winner = await stage.run({ ...sleeps, ports }, 'winner');
      const create = await stage.prepare({ ...sleeps, ports }, 'loser');
      await stage.must(create);
      expect(await stage.execute(callOn(create, { verb: 'start' }))).toMatchObject({
        ok: false,
        error: {
          code: 'conflict',
          retry: 'terminal',
          message: `port ${String(ports['80/tcp'].host)} is already in use by container ${winner.seen.name}`,
          field: fieldPath('ports', '80/tcp'),
        },
      });
      expect(await stage.see(create)).toMatchObject({ phase: 'created', live: create.spec });
      await stage.must(callOn(winner.create, { verb: 'remove' }));
      await stage.must(callOn(create, { verb: 'start' }));
      expect(await stage.see(create)).toMatchObject({
        phase: 'running',
        published: [{ port: '80/tcp', host: ports['80/tcp'].host, hostIp: '127.0.0.1' }],
      });
    });

    it('of a port that a process of the host has names that process', async (test) => {
      await using opened = await openStage();
      const { stage, docker } = opened;
      test.skip(!(await sharesNetwork(docker)), 'the engine has a network of its own');
      const server = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const { port } = server.address() as { port: number };
      const create = await stage.prepare({ ...sleeps, ports: { '80/tcp': { host: port, hostIp: '127.0.0.1' } } });
      await stage.must(create);
      const started = await stage.execute(callOn(create, { verb: 'start' }));
      server.close();
      expect(started).toMatchObject({
        ok: false,
        error: { code: 'conflict', message: expect.stringContaining(`process ${String(process.pid)} (`) as string },
      });
    });

    it('of a command that is not there is the engine’s word on it', async () => {
      await using opened = await openStage();
      const { stage } = opened;
      const create = await stage.prepare({ command: ['/nope'], init: false });
      await stage.must(create);
      const started = await stage.execute(callOn(create, { verb: 'start' }));
      expect(started).toMatchObject({
        ok: false,
        error: { code: 'invalid', retry: 'terminal', message: expect.stringContaining('/nope') as string },
      });
      expect(await stage.see(create)).toMatchObject({ phase: 'created', exitCode: 127 });
    });

    it('lets a paused agent go on, and a stop ends it', async () => {
      await using opened = await openStage();
      const { stage, docker } = opened;
      const { create, seen } = await stage.run(sleeps);
      await docker.getContainer(seen.ref).pause();
      expect((await stage.see(create)).phase).toBe('paused');
      await stage.must(callOn(create, { verb: 'start' }));
      expect(await stage.see(create)).toMatchObject({ phase: 'running', startedAt: seen.startedAt });
      await docker.getContainer(seen.ref).pause();
      await stage.must(callOn(create, { verb: 'stop', gracePeriod: 10_000 }));
      expect(await stage.see(create)).toMatchObject({ phase: 'exited', exitCode: 143 });
    });
  });

  describe('a creation', () => {
    it('from an image that is not there says so', async () => {
      await using opened = await openStage();
      const { stage } = opened;
      const create = await stage.prepare({ image: 'aac-test/nope:1' });
      expect(await stage.execute(create)).toMatchObject({
        ok: false,
        error: { code: 'not-found', message: 'image `aac-test/nope:1` not found locally', field: fieldPath('image') },
      });
    });

    it('with more than a label can hold says how much that is', async () => {
      await using opened = await openStage();
      const { stage } = opened;
      const create = await stage.prepare({ ...sleeps, environment: { LONG: 'x'.repeat(70_000) } });
      expect(await stage.execute(create)).toMatchObject({ ok: false, error: { code: 'invalid' } });
      expect(await stage.inspect(create)).toBeUndefined();
    });

    it('makes agents that reach each other by name', async () => {
      await using opened = await openStage();
      const { stage } = opened;
      await stage.run({ command: ['httpd', '-f', '-p', '8080', '-h', '/etc'] }, 'api');
      const { seen } = await stage.run(sleeps, 'web');
      const probe = (url: string) =>
        stage.driver.probe(
          seen.ref,
          { ...timing, type: 'command', command: ['wget', '-q', '-O', '/dev/null', url] },
          never(),
        );
      expect(await probe('http://api:8080/passwd')).toEqual({ status: 'success' });
      expect(await probe('http://api-0:8080/passwd')).toEqual({ status: 'success' });
      expect(await probe('http://api:8080/nope')).toMatchObject({ status: 'failure' });
    });
  });
});

const timing = {
  interval: 1_000,
  startInterval: 100,
  timeout: 20_000,
  retries: 3,
  startPeriod: 0,
  successThreshold: 1,
  onUnhealthy: 'none',
} as const;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
