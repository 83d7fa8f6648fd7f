import { describe, expect, it } from 'vitest';
import type { ContainerConfig } from '../../../src/drivers/docker/engine-types.ts';
import { openEngine } from '../../../src/drivers/docker/open-engine.ts';
import type { Endpoint } from '../../../src/drivers/docker/endpoint.ts';
import { fakeEngine, sendJson } from './fake-engine.ts';

const never = new AbortController().signal;

function endpointOf(host: string): Endpoint {
  return {
    url: host,
    chosenBy: 'chosen by DOCKER_HOST',
    address: { type: 'socket', path: host.slice('unix://'.length) },
  };
}

const config: ContainerConfig = {
  Image: 'aac-test/busybox:1',
  Env: ['TOKEN=sentinel-71c2'],
  Labels: {},
  ExposedPorts: {},
  StopSignal: 'SIGTERM',
  StopTimeout: 10,
  HostConfig: {
    Binds: [],
    Mounts: [],
    PortBindings: {},
    NetworkMode: 'none',
    LogConfig: { Type: 'json-file', Config: {} },
    SecurityOpt: [],
  },
};

describe('the engine', () => {
  it('is never sent a body within a URL, where proxies and logs would keep it', async () => {
    await using fake = await fakeEngine((_request, response) => sendJson(response, 201, { Id: 'abc', Name: 'cache' }));
    await using engine = await openEngine(endpointOf(fake.host));
    await engine.createContainer('shop-web', config, never);
    await engine.createNetwork('shop-default', { Internal: false, Labels: { secret: 'label' } }, never);
    await engine.createVolume('shop-cache', { secret: 'label' }, never);
    await engine.update('abc', { Memory: 1 }, never);
    expect(fake.requests).toEqual([
      'POST /containers/create?name=shop-web',
      'POST /networks/create?',
      'POST /volumes/create?',
      'POST /containers/abc/update',
    ]);
  });

  it('that never answers is left when the deadline is over', async () => {
    await using fake = await fakeEngine(() => undefined);
    await using engine = await openEngine(endpointOf(fake.host));
    const answer = await engine.removeContainer('abc', AbortSignal.timeout(50));
    expect(answer).toMatchObject({ ok: false, error: { code: 'timeout', retry: 'terminal' } });
  });

  it('that stops in the middle of an answer is left when the deadline is over', async () => {
    await using fake = await fakeEngine((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('[{"Id":');
    });
    await using engine = await openEngine(endpointOf(fake.host));
    expect(await engine.listContainers(AbortSignal.timeout(100))).toMatchObject({
      ok: false,
      error: { code: 'timeout' },
    });
  });

  it('is not asked once nobody wants to know any more', async () => {
    await using fake = await fakeEngine((_request, response) => sendJson(response, 200, []));
    await using engine = await openEngine(endpointOf(fake.host));
    expect(await engine.listContainers(AbortSignal.abort())).toMatchObject({ ok: false, error: { code: 'aborted' } });
    expect(fake.requests).toEqual([]);
  });

  it('that breaks the connection off counts as out of reach, and may be tried again', async () => {
    await using fake = await fakeEngine((request) => request.socket.destroy());
    await using engine = await openEngine(endpointOf(fake.host));
    expect(await engine.listContainers(never)).toMatchObject({
      ok: false,
      error: { code: 'unreachable', retry: 'transient' },
    });
  });

  it('is asked many things at once without a warning about listeners', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.name);
    process.on('warning', listen);
    await using fake = await fakeEngine((_request, response) => sendJson(response, 200, { Id: 'abc' }));
    await using engine = await openEngine(endpointOf(fake.host));
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 40 }, async () => engine.container('abc', signal)));
    await new Promise((resolve) => setImmediate(resolve)); // warnings are given on the next tick
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  it('says that what is already so is done', async () => {
    await using fake = await fakeEngine((request, response) => {
      if (request.url?.includes('/start') || request.url?.includes('/stop')) response.writeHead(304).end();
      else sendJson(response, 404, { message: 'No such container: abc' });
    });
    await using engine = await openEngine(endpointOf(fake.host));
    expect(await engine.start('abc', never)).toEqual({ ok: true, value: undefined });
    expect(await engine.stop('abc', 1, never)).toEqual({ ok: true, value: undefined });
    expect(await engine.removeContainer('abc', never)).toEqual({ ok: true, value: undefined });
    expect(await engine.container('abc', never)).toEqual({ ok: true, value: undefined });
  });
});
