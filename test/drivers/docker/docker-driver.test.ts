import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../../src/model/address.ts';
import { createDockerDriver } from '../../../src/drivers/docker/docker-driver.ts';
import { deadlineSignal } from '../../../src/util/deadline.ts';
import { fakeEngine, sendJson } from './fake-engine.ts';

const context = { workspace: 'shop', root: '/srv/shop' };
const interest = { images: [], paths: [], namePrefix: 'shop-' };
const never = new AbortController().signal;

describe('an engine that is not there', () => {
  const environment = { DOCKER_HOST: `unix://${join('/nonexistent', 'docker.sock')}` };

  it('is one clear error that says which was tried and why that one', async () => {
    await using driver = createDockerDriver({ environment });
    const error = {
      code: 'unreachable',
      message: 'the engine at unix:///nonexistent/docker.sock does not answer (chosen by DOCKER_HOST): connect ENOENT',
    };
    expect(await driver.observe(context, interest, never)).toMatchObject({ ok: false, error });
    expect(await driver.check(never)).toMatchObject({ ok: false, error });
  });

  it('has nothing of a workspace', async () => {
    await using driver = createDockerDriver({ environment });
    expect(await driver.present('shop', never)).toBe(false);
  });

  it('does not keep those who wait for changes from giving up', async () => {
    await using driver = createDockerDriver({ environment });
    const seen = [];
    for await (const hint of driver.changes('shop', AbortSignal.timeout(100))) seen.push(hint);
    expect(seen).toEqual([]);
  });
});

describe('an engine that accepts everything and never answers', () => {
  it('is left by every question and call when the signal says so', async () => {
    await using fake = await fakeEngine(() => undefined);
    await using driver = createDockerDriver({ environment: { DOCKER_HOST: fake.host } });
    const soon = () => deadlineSignal(50);
    const address = 'agent/web/0' as Address;
    const timeout = { ok: false, error: { code: 'timeout' } };
    expect(await driver.observe(context, interest, soon())).toMatchObject(timeout);
    expect(await driver.inspect(context, address, 'shop-web-0', soon())).toMatchObject(timeout);
    expect(await driver.present('shop', soon())).toBe(false);
    expect(await driver.probe('abc', { ...check, timeout: 50 }, never)).toMatchObject({ status: 'failure' });
    expect(await driver.probe('abc', check, soon())).toMatchObject({ status: 'error' });
    const call = {
      verb: 'remove',
      address,
      driver: 'docker',
      kind: 'agent',
      target: { name: 'x', generation: 1 },
    } as const;
    const rest = { ...context, directory: '/srv/shop', origin: 'manifest', progress: () => undefined } as const;
    const values = { read: async () => undefined };
    expect(await driver.execute(call, { ...rest, values, signal: soon() })).toMatchObject(timeout);
    for await (const line of driver.logs('abc', { follow: true, signal: soon() })) expect(line).toBeUndefined();
  });
});

describe('an old engine', () => {
  it('is not asked for two removals at once, and neither is one that is not known yet', async () => {
    let version = '20.10.24';
    await using fake = await fakeEngine((_request, response) =>
      sendJson(response, 200, { ServerVersion: version, NCPU: 2, MemTotal: 1 }),
    );
    await using old = createDockerDriver({ environment: { DOCKER_HOST: fake.host } });
    expect(old.limits.removals).toBe(1);
    expect(await old.check(never)).toEqual({ ok: true, value: { version: '20.10.24' } });
    expect(old.limits.removals).toBe(1);
    version = '26.1.5';
    await using recent = createDockerDriver({ environment: { DOCKER_HOST: fake.host } });
    await recent.check(never);
    expect(recent.limits).toEqual({ calls: 4, removals: 2 });
  });
});

const check = {
  type: 'file',
  path: '/ready',
  interval: 1_000,
  startInterval: 100,
  timeout: 60_000,
  retries: 3,
  startPeriod: 0,
  successThreshold: 1,
  onUnhealthy: 'none',
} as const;
