import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDockerDriver } from '../../../src/drivers/docker/docker-driver.ts';
import type { LogLine } from '../../../src/drivers/driver.ts';
import { callOn } from '../../contract/calls.ts';
import { eventually, never } from '../../contract/stage.ts';
import { describeDocker, dockerHost, sharesNetwork } from '../../support/docker.ts';
import { relayEngine } from './fake-engine.ts';
import { openStage, type DockerStage } from './ground.ts';

const sleeps = { command: ['sleep', '1000'] };
const busybox = 'aac-test/busybox:1';

async function factsOf({ ground }: DockerStage, interest: { paths?: string[]; images?: string[]; ports?: number[] }) {
  const { driver, workspace, root } = ground;
  const whole = { images: [], paths: [], namePrefix: `${workspace}-`, ...interest };
  const observed = await driver.observe({ workspace, root }, whole, never());
  if (!observed.ok) throw new Error(observed.error.message);
  return observed.value.facts;
}

describeDocker('observing a real engine', () => {
  it('asks nothing but GET and HEAD', async (test) => {
    test.skip(!dockerHost().startsWith('unix://'), 'the relay needs a socket');
    await using relay = await relayEngine(dockerHost().slice('unix://'.length));
    await using opened = await openStage();
    const { stage, ground } = opened;
    const { create, seen } = await stage.run(sleeps);
    await using driver = createDockerDriver({ environment: { DOCKER_HOST: relay.host } });
    const context = { workspace: ground.workspace, root: ground.root };
    const interest = { images: [busybox], paths: ['./x'], namePrefix: `${ground.workspace}-` };
    expect(await driver.present(ground.workspace, never())).toBe(true);
    expect(await driver.check(never())).toMatchObject({ ok: true });
    expect(await driver.observe(context, interest, never())).toMatchObject({ ok: true });
    expect(await driver.inspect(context, create.address, seen.ref, never())).toMatchObject({ ok: true });
    const methods = new Set(relay.requests.map((request) => request.split(' ')[0]));
    expect([...methods]).toEqual(['GET']);
    expect(relay.requests.length).toBeGreaterThan(5);
  });

  it('finds images, folders and the size of the host', async () => {
    await using opened = await openStage();
    await mkdir(join(opened.ground.root, 'there'));
    const facts = await factsOf(opened, { images: [busybox, 'aac-test/nope:1'], paths: ['./there', './gone'] });
    const { Id } = await opened.docker.getImage(busybox).inspect();
    expect([...facts.images]).toEqual([
      [busybox, Id],
      ['aac-test/nope:1', null],
    ]);
    expect([...facts.missingPaths]).toEqual(['./gone']);
    const { NCPU, MemTotal } = (await opened.docker.info()) as { NCPU: number; MemTotal: number };
    expect(facts.capacity).toEqual({ cpu: NCPU * 1e9, memory: MemTotal });
  });

  it('says which container of ours holds a port, once', async () => {
    await using opened = await openStage();
    const { seen } = await opened.stage.run({ ...sleeps, ports: { '80/tcp': { host: 0, hostIp: '127.0.0.1' } } });
    const [published] = seen.published;
    const { ports } = await factsOf(opened, {});
    expect(ports.filter(({ port, protocol }) => port === published?.host && protocol === 'tcp')).toEqual([
      { port: published?.host, protocol: 'tcp', hostIp: '127.0.0.1', holder: `container ${seen.name}`, ref: seen.ref },
    ]);
  });

  it('says which process holds a port that is asked for', async (test) => {
    await using opened = await openStage();
    test.skip(!(await sharesNetwork(opened.docker)), 'the engine has a network of its own');
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const [asked, unasked] = [await factsOf(opened, { ports: [port] }), await factsOf(opened, {})];
    server.close();
    const held = { port, protocol: 'tcp', hostIp: '127.0.0.1' };
    const holder = expect.stringContaining(`process ${String(process.pid)} (`) as string;
    expect(asked.ports).toContainEqual({ ...held, holder });
    expect(unasked.ports).toContainEqual({ ...held, holder: 'a process of the host' });
  });

  it('sees a container that was taken off its network', async () => {
    await using opened = await openStage();
    const { stage, docker } = opened;
    const { create, seen } = await stage.run(sleeps);
    await docker.getNetwork(`${stage.workspace}-default`).disconnect({ Container: seen.ref });
    expect((await stage.see(create)).live).not.toHaveProperty('network');
    expect((await stage.see(create)).phase).toBe('running');
  });

  it('sees that the network was replaced by another of its name', async () => {
    await using opened = await openStage();
    const { stage, docker } = opened;
    const { create } = await stage.run(sleeps);
    await stage.must(callOn(create, { verb: 'stop', gracePeriod: 0 }));
    const network = docker.getNetwork(`${stage.workspace}-default`);
    const { Labels } = (await network.inspect()) as { Labels: Record<string, string> };
    await network.remove();
    await docker.createNetwork({ Name: `${stage.workspace}-default`, Labels });
    expect((await stage.see(create)).live).not.toHaveProperty('network');
    const seen = (await stage.observe()).resources.find(({ address }) => address === create.address);
    expect(seen?.live).toEqual((await stage.see(create)).live);
  });

  it('sees a workspace that has nothing but a network', async () => {
    await using opened = await openStage();
    const { stage } = opened;
    await stage.prepare(sleeps);
    expect(await stage.driver.present(stage.workspace, never())).toBe(true);
    expect((await stage.observe()).resources.map(({ kind }) => kind)).toEqual(['network']);
  });

  it('gives hints of what happens in its workspace, and of nothing else', async () => {
    await using opened = await openStage();
    const { stage } = opened;
    const enough = new AbortController();
    const hints: (string | undefined)[] = [];
    const watching = (async () => {
      for await (const { address } of stage.driver.changes(stage.workspace, enough.signal)) hints.push(address);
    })();
    await stage.elsewhere().run(sleeps, 'theirs');
    const { create } = await stage.run(sleeps, 'ours');
    // the stream may have been opened after the start: a pause and its end are hints as well
    await eventually(
      async () => {
        if (!hints.includes(create.address)) await stage.must(callOn(create, { verb: 'stop', gracePeriod: 0 }));
        await stage.must(callOn(create, { verb: 'start' }));
        return hints;
      },
      (seen) => seen.includes(create.address),
    );
    enough.abort();
    await watching;
    expect(hints).not.toContain('agent/theirs/0');
  });
});

describeDocker('asking agents on a real engine', () => {
  const timing = {
    interval: 1_000,
    startInterval: 100,
    timeout: 10_000,
    retries: 3,
    startPeriod: 0,
    successThreshold: 1,
    onUnhealthy: 'none',
  } as const;

  describe('how they are', () => {
    it('over http and tcp, at their own address', async (test) => {
      await using opened = await openStage();
      const { stage, docker } = opened;
      test.skip(!(await sharesNetwork(docker)), 'the engine has a network of its own');
      const ports = { '8081/tcp': { host: 0, hostIp: '127.0.0.1' } }; // published, though nothing listens there
      const { seen } = await stage.run({ command: ['httpd', '-f', '-p', '8080', '-h', '/etc'], ports });
      const http = (path: string, port = 8080) =>
        stage.driver.probe(seen.ref, { ...timing, type: 'http', port, path }, never());
      const tcp = (port: number) => stage.driver.probe(seen.ref, { ...timing, type: 'tcp', port }, never());
      await eventually(
        () => tcp(8080),
        ({ status }) => status === 'success',
      );
      expect(await http('/passwd')).toEqual({ status: 'success' });
      expect(await http('/nope')).toEqual({ status: 'failure', message: 'GET /nope answered 404' });
      expect(await http('/passwd', 8081)).toMatchObject({ status: 'failure' });
      expect(await tcp(8081)).toMatchObject({ status: 'failure' });
    });

    it('by a file', async () => {
      await using opened = await openStage();
      const { seen } = await opened.stage.run(sleeps);
      const file = (path: string) => opened.stage.driver.probe(seen.ref, { ...timing, type: 'file', path }, never());
      expect(await file('/etc/passwd')).toEqual({ status: 'success' });
      expect(await file('/etc/nope')).toEqual({ status: 'failure', message: '`/etc/nope` does not exist' });
    });

    it('by a command, which fails with its last words, or when it is not there, or takes too long', async () => {
      await using opened = await openStage();
      const { seen } = await opened.stage.run(sleeps);
      const run = (command: readonly string[], timeout = 10_000) =>
        opened.stage.driver.probe(seen.ref, { ...timing, timeout, type: 'command', command }, never());
      expect(await run(['sh', '-c', 'echo first >&2; echo not well >&2; exit 3'])).toEqual({
        status: 'failure',
        message: 'exit code 3: not well',
      });
      expect(await run(['/nope'])).toMatchObject({ status: 'failure' });
      expect(await run(['sleep', '100'], 2_000)).toEqual({ status: 'failure', message: 'no answer within 2 s' });
    });

    it('not at all once they do not run', async () => {
      await using opened = await openStage();
      const { stage } = opened;
      const { create, seen } = await stage.run(sleeps);
      await stage.must(callOn(create, { verb: 'stop', gracePeriod: 0 }));
      const check = { ...timing, type: 'command', command: ['true'] } as const;
      expect(await stage.driver.probe(seen.ref, check, never())).toMatchObject({ status: 'error' });
    });
  });

  describe('for what they write', () => {
    it('gives each line whole, of which stream and when', async () => {
      await using opened = await openStage();
      const { stage } = opened;
      const long = 'x'.repeat(40_000); // the engine stores 16 KiB at a time
      const script = 'echo "$LONG"; echo grüße >&2; printf unfinished';
      const { create, seen } = await stage.run({ command: ['sh', '-c', script], environment: { LONG: long } });
      await stage.until(create, ({ phase }) => phase === 'exited');
      const lines: LogLine[] = [];
      for await (const line of stage.driver.logs(seen.ref, { follow: false, timestamps: true, signal: never() }))
        lines.push(line);
      const texts = (stream: string) => lines.filter((line) => line.stream === stream).map(({ text }) => text);
      expect(texts('stdout').map((text) => text.replace(long, 'LONG'))).toEqual(['LONG', 'unfinished']);
      expect(texts('stderr')).toEqual(['grüße']);
      for (const { time } of lines) expect(Date.parse(time ?? '')).toBeGreaterThan(0);
    });

    it('follows those that run always over a restart, and ends when they are gone', async () => {
      await using opened = await openStage();
      const { stage } = opened;
      const { create, seen } = await stage.run({
        command: ['sh', '-c', 'echo up; exec sleep 1000'],
        restartPolicy: { name: 'always', maxRetries: 0 },
      });
      const lines: string[] = [];
      const following = (async () => {
        for await (const { text } of stage.driver.logs(seen.ref, { follow: true, signal: never() })) lines.push(text);
      })();
      const count = (wanted: number) =>
        eventually(
          async () => lines,
          ({ length }) => length >= wanted,
        );
      await count(1);
      await stage.must(callOn(create, { verb: 'stop', gracePeriod: 0 }));
      await stage.must(callOn(create, { verb: 'start' }));
      await count(2);
      await stage.must(callOn(create, { verb: 'remove' }));
      await following;
      expect(lines).toEqual(['up', 'up']);
    });
  });
});
