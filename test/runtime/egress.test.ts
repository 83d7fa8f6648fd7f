import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryDriver } from '../../src/drivers/memory/memory-driver.ts';
import { MemoryWorld } from '../../src/drivers/memory/memory-world.ts';
import { edgeTemplate, type Address } from '../../src/model/address.ts';
import type { SpecHash } from '../../src/model/desired.ts';
import type { EdgeClient, EdgeDecision } from '../../src/model/edge.ts';
import { StreamError } from '../../src/runtime/stream-error.ts';
import { createRuntimeOver } from '../../src/runtime/runtime.ts';
import { ok } from '../../src/util/result.ts';
import { edgeRig } from '../edge/rig.ts';

const restricted = (...hosts: readonly string[]): string =>
  `, network: { security: { allowExternalConnections: false, allowedHosts: [${hosts.join(', ')}] } }`;

/** A runtime over a world in memory, with a real edge in it that knows `web` and `held`. */
async function stage({ specs = {}, clients = {}, edge: hasEdge = true }: Parts = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'egress-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'aac.yaml'), 'apiVersion: agent.dev/v1\nkind: Project\nmetadata: { name: shop }\n');
  const agents = { web: restricted('api.test'), shut: restricted(), free: '', ...specs };
  for (const [name, spec] of Object.entries(agents)) {
    const text = `apiVersion: agent.dev/v1\nkind: Agent\nmetadata: { name: ${name} }\nspec: { image: 'x:1'${spec} }\n`;
    writeFileSync(join(folder, `${name}.agent.yaml`), text);
  }
  const client = (...hosts: readonly string[]): EdgeClient => ({
    subnets: [],
    allow: hosts.map((host) => ({ host })),
    services: {},
  });
  const rig = await edgeRig({
    document: { clients: { web: client('api.test'), held: client(), ...clients } },
    names: { 'api.test': ['93.184.216.34'] },
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const world = new MemoryWorld({ images: { 'x:1': 'sha256:1' } });
  const askEdge = async (_ref: string, request: Parameters<typeof rig.edge.handle>[0]) =>
    ok(await rig.edge.handle(request));
  const runtime = createRuntimeOver({
    cwd: folder,
    environment: { AAC_STATE_DIR: join(folder, '.state') },
    drivers: { names: ['memory'], create: async () => ({ ...createMemoryDriver({ world }), askEdge }) },
  });
  const options = { driver: 'memory' } as const;
  const stand = (address: string, name: string): void => {
    const record = {
      ...{ workspace: 'shop', address: address as Address, specHash: 'x' as SpecHash, generation: 1 },
      ...{
        lastApplied: { environment: {}, volumes: {}, labels: {}, ports: {} },
        fingerprints: {},
        dependsOn: [],
        protect: false,
        manifest: 'x.agent.yaml',
      },
      ...{ directory: folder, origin: 'manifest' as const },
    };
    world.addForeign(name);
    const object = world.find('agent', name);
    if (object) world.put({ ...object, ref: name, record });
  };
  stand('agent/web/0', 'web-0');
  if (hasEdge) stand(edgeTemplate, 'edge');
  const decide = (parts: Partial<EdgeDecision>): void => {
    const decision = { agent: 'web', verdict: 'allowed', via: 'tls', host: 'api.test', port: 443, ...parts };
    world.print('edge', JSON.stringify({ time: new Date().toISOString(), ...decision }));
  };
  const log = async (names: readonly string[] = [], request: Parameters<typeof runtime.egressLog>[2] = {}) => {
    const seen: string[] = [];
    for await (const { agent, verdict, host } of runtime.egressLog('.', names, { ...options, ...request })) {
      seen.push(`${agent} ${verdict} ${host}`);
    }
    return seen;
  };
  const tested = async (agent: string, host: string) => {
    const result = await runtime.egressTest('.', agent, { host, port: 443 }, options);
    return result.ok ? result.value.outcome : result.error.map(({ code, message }) => `${code}: ${message}`);
  };
  return { runtime, options, world, decide, log, tested };
}

interface Parts {
  readonly specs?: Readonly<Record<string, string>>;
  readonly clients?: Readonly<Record<string, EdgeClient>>;
  readonly edge?: boolean;
}

describe('the log of the way out', () => {
  it('tells decisions and nothing else that the edge prints, of these agents or of all', async () => {
    const { world, decide, log } = await stage();
    decide({ host: 'a.test' });
    for (const other of ['listening', '{ no JSON', '{"agent":"web"}', '[]', 'null', '{"time":"x"}'])
      world.print('edge', other);
    world.print('edge', 'edge: something is wrong', 'stderr');
    decide({ agent: 'free', verdict: 'denied', host: 'b.test' });
    decide({ verdict: 'denied', host: 'c.test' });
    decide({ host: 'd.test', time: 'some time' });
    expect(await log()).toEqual(['web allowed a.test', 'free denied b.test', 'web denied c.test']);
    expect(await log(['web'])).toEqual(['web allowed a.test', 'web denied c.test']);
    expect(await log(['web'], { denied: true })).toEqual(['web denied c.test']);
  });

  it('counts the last decisions among those that are asked for', async () => {
    const { decide, log } = await stage();
    for (const host of ['a.test', 'b.test', 'c.test']) {
      decide({ verdict: 'denied', host });
      decide({ agent: 'free', host });
    }
    expect(await log(['web'], { tail: 2 })).toEqual(['web denied b.test', 'web denied c.test']);
    expect(await log([], { tail: 0 })).toEqual([]);
  });

  it('goes on with what is decided later, after the last of what was', async () => {
    const { runtime, options, decide } = await stage();
    for (const host of ['a.test', 'b.test']) decide({ host, time: '2020-01-01T00:00:00.000Z' });
    const hosts: string[] = [];
    for await (const { host } of runtime.egressLog('.', ['web'], { ...options, follow: true, tail: 1 })) {
      hosts.push(host);
      if (hosts.length === 1) decide({ host: 'c.test' });
      else break;
    }
    expect(hosts).toEqual(['b.test', 'c.test']);
  });

  it('is empty where nobody is restricted or nobody gets out, and an error where the edge is missing', async () => {
    const nobody = await stage({ specs: { web: '', shut: '' }, edge: false });
    expect(await nobody.log()).toEqual([]);
    const shut = await stage({ specs: { web: restricted() }, edge: false });
    expect(await shut.log()).toEqual([]);
    const missing = await stage({ edge: false });
    await expect(missing.log()).rejects.toThrow(StreamError);
    await expect(missing.log()).rejects.toThrow('no edge of shop stands');
  });

  it('refuses names of nobody, and of a single replica', async () => {
    const { log } = await stage();
    await expect(log(['wab'])).rejects.toThrow('there is no agent `wab`');
    await expect(log(['web/0'])).rejects.toThrow('`web/0` is one replica');
    await expect(log(['web/7'])).rejects.toThrow('has no replica `web/7`');
  });
});

describe('a test of the way out', () => {
  it('asks the edge for agents that it knows', async () => {
    const { tested } = await stage({ specs: { held: restricted() } });
    expect(await tested('web', 'api.test')).toMatchObject({ verdict: 'allowed', address: '93.184.216.34' });
    expect(await tested('web', 'other.test')).toMatchObject({ verdict: 'denied', reason: /not in the list/ });
    expect(await tested('held', 'api.test')).toEqual({ verdict: 'denied', reason: 'it has no way out at all' });
  });

  it('says without an edge that an agent is not restricted, or has no way out at all', async () => {
    const { tested } = await stage({ specs: { off: ', network: { mode: none }' }, edge: false });
    expect(await tested('free', 'api.test')).toEqual({ verdict: 'unrestricted' });
    for (const name of ['shut', 'off']) {
      expect(await tested(name, 'api.test')).toEqual({ verdict: 'denied', reason: 'it has no way out at all' });
    }
  });

  it('counts what is in force, not what is only declared', async () => {
    const { tested } = await stage({ specs: { later: restricted('api.test'), web: '' } });
    expect(await tested('web', 'other.test')).toMatchObject({ verdict: 'denied' });
    expect(await tested('later', 'api.test')).toEqual([
      'no-edge: the edge does not know `later` yet, so it has no way out',
    ]);
  });

  it('fails for nobody, without the edge and beside one that does not run', async () => {
    const { tested, world } = await stage();
    expect(await tested('constructor', 'api.test')).toEqual([expect.stringContaining('unknown-agent')]);
    expect(await tested('wab', 'api.test')).toEqual(['unknown-agent: there is no agent `wab`']);
    world.stop('edge');
    expect(await tested('web', 'api.test')).toEqual(['no-edge: the edge does not run']);
    const missing = await stage({ edge: false });
    expect(await missing.tested('web', 'api.test')).toEqual([expect.stringContaining('no-edge: no edge of')]);
  });
});

describe('a refusal', () => {
  it('is an event of its agent, as it happens and from before, and what repeats itself is told once', async () => {
    const { runtime, options, decide } = await stage();
    decide({ verdict: 'denied', host: 'old.test', time: '2026-01-01T00:00:00.000Z' });
    const seen: string[] = [];
    for await (const event of runtime.events('.', ['web'], { ...options, since: 0 })) {
      if (event.type !== 'egress-denied') continue;
      seen.push(`${event.source} ${event.host} ${String(event.count)}`);
      if (seen.length === 1) {
        decide({ host: 'api.test' });
        decide({ verdict: 'denied', agent: 'free', host: 'a.test' });
        for (const host of ['b.test', 'b.test', 'b.test', 'c.test']) decide({ verdict: 'denied', host });
      }
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(['memory old.test 1', 'memory b.test 1', 'memory c.test 1']);
  });
});
