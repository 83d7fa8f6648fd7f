import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseEndpoint, contextId, parseEndpoint, tlsFolder } from '../../../src/drivers/docker/endpoint.ts';
import { resolveEndpoint } from '../../../src/drivers/docker/resolve-endpoint.ts';

describe('the choice of an engine', () => {
  const everything = { DOCKER_HOST: 'unix:///env.sock', DOCKER_CONTEXT: 'work' };

  it('goes by the project, then DOCKER_HOST, then DOCKER_CONTEXT, then the current context, then the default', () => {
    expect(chooseEndpoint('unix:///project.sock', everything, 'current')).toMatchObject({
      url: 'unix:///project.sock',
    });
    expect(chooseEndpoint(undefined, everything, 'current')).toMatchObject({
      url: 'unix:///env.sock',
      chosenBy: 'chosen by DOCKER_HOST',
    });
    expect(chooseEndpoint(undefined, { DOCKER_CONTEXT: 'work' }, 'current')).toMatchObject({
      name: 'work',
      chosenBy: 'chosen by DOCKER_CONTEXT',
    });
    expect(chooseEndpoint(undefined, {}, 'current')).toMatchObject({
      name: 'current',
      chosenBy: 'chosen by the docker context `current`',
    });
    expect(chooseEndpoint(undefined, {}, undefined)).toMatchObject({
      url: 'unix:///var/run/docker.sock',
      chosenBy: 'the default',
    });
  });

  it('takes an empty variable and the context `default` for nothing said', () => {
    expect(chooseEndpoint(undefined, { DOCKER_HOST: '', DOCKER_CONTEXT: 'default' }, undefined)).toMatchObject({
      chosenBy: 'the default',
    });
  });
});

describe('an engine address', () => {
  const parse = (url: string, tls?: { verify: boolean }) => {
    const parsed = parseEndpoint(url, 'chosen by DOCKER_HOST', tls);
    return parsed.ok ? parsed.value.address : parsed.error.message;
  };

  it.each([
    ['unix:///run/docker.sock', { type: 'socket', path: '/run/docker.sock' }],
    ['npipe:////./pipe/docker_engine', { type: 'socket', path: '//./pipe/docker_engine' }],
    ['tcp://10.0.0.5:2375', { type: 'tcp', host: '10.0.0.5', port: 2375 }],
    ['tcp://10.0.0.5', { type: 'tcp', host: '10.0.0.5', port: 2375 }],
    ['10.0.0.5:2375', { type: 'tcp', host: '10.0.0.5', port: 2375 }],
    ['tcp://[::1]:2375', { type: 'tcp', host: '::1', port: 2375 }],
    ['https://engine:443', { type: 'tcp', host: 'engine', port: 443, tls: { verify: true } }],
  ])('%s is understood', (url, address) => {
    expect(parse(url)).toEqual(address);
  });

  it('gets the TLS port and settings where TLS is asked for', () => {
    expect(parse('tcp://engine', { verify: true })).toEqual({
      type: 'tcp',
      host: 'engine',
      port: 2376,
      tls: { verify: true },
    });
  });

  it.each(['ssh://user@host', 'unix://', 'tcp://', 'fd://'])('%s is refused with its reason', (url) => {
    expect(parse(url)).toContain(`the engine address \`${url}\` cannot be used (chosen by DOCKER_HOST)`);
  });

  it('asks for TLS as the docker command does', () => {
    expect(tlsFolder({}, '/home/.docker')).toBeUndefined();
    expect(tlsFolder({ DOCKER_CERT_PATH: '/certs' }, '/home/.docker')).toBeUndefined();
    expect(tlsFolder({ DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' }, '/home/.docker')).toEqual({
      folder: '/certs',
      verify: true,
    });
    expect(tlsFolder({ DOCKER_TLS: '1' }, '/home/.docker')).toEqual({ folder: '/home/.docker', verify: false });
  });
});

describe('the configuration of the docker command', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aac-docker-config-'));
    await writeFile(join(folder, 'config.json'), JSON.stringify({ currentContext: 'remote' }));
    const id = contextId('remote');
    await mkdir(join(folder, 'contexts', 'meta', id), { recursive: true });
    await mkdir(join(folder, 'contexts', 'tls', id, 'docker'), { recursive: true });
    const meta = { Name: 'remote', Endpoints: { docker: { Host: 'tcp://engine:2376', SkipTLSVerify: true } } };
    await writeFile(join(folder, 'contexts', 'meta', id, 'meta.json'), JSON.stringify(meta));
    await writeFile(join(folder, 'contexts', 'tls', id, 'docker', 'ca.pem'), 'the authority');
    await writeFile(join(folder, 'cert.pem'), 'the certificate');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('gives the current context, with its certificates', async () => {
    const found = await resolveEndpoint({ environment: { DOCKER_CONFIG: folder } });
    expect(found).toEqual({
      ok: true,
      value: {
        url: 'tcp://engine:2376',
        chosenBy: 'chosen by the docker context `remote`',
        address: { type: 'tcp', host: 'engine', port: 2376, tls: { verify: false, ca: 'the authority' } },
      },
    });
  });

  it('names a context that it does not have', async () => {
    const found = await resolveEndpoint({ environment: { DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'gone' } });
    expect(found).toMatchObject({
      ok: false,
      error: {
        code: 'unreachable',
        message: 'the docker context `gone` names no engine (chosen by DOCKER_CONTEXT)',
      },
    });
  });

  it('has no say where DOCKER_HOST is set', async () => {
    const environment = { DOCKER_CONFIG: folder, DOCKER_HOST: 'tcp://other:1', DOCKER_TLS_VERIFY: '1' };
    expect(await resolveEndpoint({ environment })).toMatchObject({
      value: {
        chosenBy: 'chosen by DOCKER_HOST',
        address: { host: 'other', tls: { verify: true, cert: 'the certificate' } },
      },
    });
  });
});
