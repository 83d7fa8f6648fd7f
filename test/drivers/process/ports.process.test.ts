import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/model/observed.ts';
import { callOn, createRig, eventually, shell, succeed, type Rig } from './rig.ts';

const anyFree = { '8080/tcp': { host: 0, hostIp: '127.0.0.1' } };
const listens = `exec ${process.execPath} -e "
  require('node:net').createServer().listen(Number(process.env.PORT), process.env.AAC_HOST, () => console.log('up'))
"`;

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

describe('a port for which any free one will do', () => {
  it('is found once and kept over stops and starts, for whoever looks', async () => {
    const spec = shell('echo $PORT; exec sleep 60', { ports: anyFree });
    const create = rig.createCall(spec);
    const ref = await rig.start(spec);
    const before = await rig.look(ref);
    await succeed(rig.driver, callOn(create, 'stop', ref), rig.context());
    await succeed(rig.anotherDriver(), callOn(create, 'start', ref), rig.context());
    const port = before!.published[0]!.host;
    expect(port).toBeGreaterThan(0);
    expect((await rig.look(ref))!.published).toEqual(before!.published);
    await eventually(async () => (await rig.logs(ref)).length === 2);
    expect((await rig.logs(ref)).map((line) => line.text)).toEqual([String(port), String(port)]);
  });

  it('is another for every instance, also when they are made at once and nothing listens yet', async () => {
    const refs = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        succeed(rig.driver, rig.createCall(shell('exit 0', { ports: anyFree }), index), rig.context()),
      ),
    );
    const seen = await Promise.all(refs.map((ref) => rig.look(ref!)));
    expect(new Set(seen.map((one) => one!.published[0]!.host)).size).toBe(20);
  });
});

describe('a port that is taken', () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = typeof address === 'object' ? address!.port : 0;
  });
  afterEach(() => {
    server.close();
  });

  it('is refused before anything runs, with the name of who holds it', async () => {
    const spec = shell('exit 0', { ports: { '8080/tcp': { host: port, hostIp: '0.0.0.0' } } });
    const create = rig.createCall(spec);
    await succeed(rig.driver, create, rig.context());
    const result = await rig.driver.execute(callOn(create, 'start'), rig.context());
    expect(result).toMatchObject({ ok: false, error: { code: 'conflict', field: '/ports/8080~1tcp' } });
    expect(result.ok ? '' : result.error.message).toMatch(
      new RegExp(`^port ${String(port)} is already in use by process ${String(process.pid)} \\(.+\\)$`),
    );
  });

  it('is among the facts, its holder named only when it is asked for', async () => {
    const held = (facts: Facts): string | undefined => facts.ports.find((one) => one.port === port)?.holder;
    expect(held(await factsOf(rig, [port]))).toMatch(new RegExp(`^process ${String(process.pid)} \\(`));
    expect(held(await factsOf(rig))).toBe('another process');
  });
});

describe('the facts', () => {
  it('say which of our instances holds a port, through the latch that stands between', async () => {
    const ref = await rig.start(shell(listens, { ports: anyFree }));
    await eventually(async () => (await rig.logs(ref)).some((line) => line.text === 'up'));
    const { host } = (await rig.look(ref))!.published[0]!;
    const facts = await factsOf(rig);
    expect(facts.ports.filter((held) => held.port === host)).toEqual([
      {
        port: host,
        protocol: 'tcp',
        hostIp: '127.0.0.1',
        holder: expect.stringMatching(/^process \d+ \(node\) of `rig-/) as string,
        ref,
      },
    ]);
  });

  it('name the paths that do not exist and what the machine has', async () => {
    const facts = await factsOf(rig, [], ['./state', './nowhere', '/nowhere-at-all']);
    expect([...facts.missingPaths].sort()).toEqual(['./nowhere', './state', '/nowhere-at-all']);
    expect(facts.capacity!.cpu).toBeGreaterThanOrEqual(1e9);
    expect(facts.capacity!.memory).toBeGreaterThan(1e6);
  });
});

async function factsOf(of: Rig, ports?: readonly number[], paths: readonly string[] = []): Promise<Facts> {
  const result = await of.driver.observe(
    { workspace: of.workspace, root: of.root },
    { images: [], paths, namePrefix: '', ...(ports ? { ports } : {}) },
    new AbortController().signal,
  );
  if (!result.ok) throw new Error(result.error.message);
  return result.value.facts;
}
