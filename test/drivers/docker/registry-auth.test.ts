import { describe, expect, it } from 'vitest';
import { registryOf, repositoryOf } from '../../../src/drivers/docker/image-name.ts';
import { helperCredentials, keepingOf } from '../../../src/drivers/docker/registry-auth.ts';

const basic = (text: string): string => Buffer.from(text).toString('base64');

describe('credentials as the docker CLI keeps them', () => {
  it('are read from `auths`, by name or by address, with a password that may hold colons', () => {
    const config = JSON.stringify({
      auths: {
        'https://index.docker.io/v1/': { auth: basic('ann:hub') },
        'https://reg.test:5000/v2/': { auth: basic('bob:pass:word') },
        'token.test': { auth: '', identitytoken: 'tkn' },
      },
    });
    const kept = (registry: string) => keepingOf(config, registry);
    expect(kept('docker.io')).toEqual({
      type: 'kept',
      credentials: { username: 'ann', password: 'hub', serveraddress: 'https://index.docker.io/v1/' },
    });
    expect(kept('reg.test:5000')).toEqual({
      type: 'kept',
      credentials: { username: 'bob', password: 'pass:word', serveraddress: 'reg.test:5000' },
    });
    expect(kept('token.test')).toEqual({
      type: 'kept',
      credentials: { identitytoken: 'tkn', serveraddress: 'token.test' },
    });
    expect(kept('reg.test')).toEqual({ type: 'none' });
  });

  it("are asked of the registry's own helper before the store of all, and of that before `auths`", () => {
    const auths = { 'reg.test': { auth: basic('a:b') }, 'other.test': { auth: basic('a:b') } };
    const config = JSON.stringify({ auths, credHelpers: { 'reg.test': 'own' }, credsStore: 'all' });
    expect(keepingOf(config, 'reg.test')).toEqual({ type: 'helper', helper: 'own', server: 'reg.test' });
    expect(keepingOf(config, 'other.test')).toEqual({ type: 'helper', helper: 'all', server: 'other.test' });
    expect(keepingOf(config, 'docker.io')).toMatchObject({ server: 'https://index.docker.io/v1/' });
  });

  it('are none in a configuration that cannot be read', () => {
    expect(keepingOf('{', 'reg.test')).toEqual({ type: 'none' });
    expect(keepingOf('{"auths":{"reg.test":{}}}', 'reg.test')).toEqual({ type: 'none' });
  });

  it('come from a helper as a name and a secret, or as a token', () => {
    expect(helperCredentials('{"ServerURL":"r","Username":"ann","Secret":"s"}', 'r')).toEqual({
      username: 'ann',
      password: 's',
      serveraddress: 'r',
    });
    expect(helperCredentials('{"Username":"<token>","Secret":"t"}', 'r')).toEqual({
      identitytoken: 't',
      serveraddress: 'r',
    });
    expect(helperCredentials('credentials not found', 'r')).toBeUndefined();
  });
});

it.each([
  ['busybox', 'docker.io', 'docker.io/library/busybox'],
  ['busybox:1.36', 'docker.io', 'docker.io/library/busybox'],
  ['acme/desk:1', 'docker.io', 'docker.io/acme/desk'],
  ['docker.io/library/busybox@sha256:ab', 'docker.io', 'docker.io/library/busybox'],
  ['localhost/desk', 'localhost', 'localhost/desk'],
  ['127.0.0.1:5000/acme/desk:2', '127.0.0.1:5000', '127.0.0.1:5000/acme/desk'],
  ['ghcr.io/acme/desk:2@sha256:ab', 'ghcr.io', 'ghcr.io/acme/desk'],
])('%s comes from %s', (image, registry, repository) => {
  expect(registryOf(image)).toBe(registry);
  expect(repositoryOf(image)).toBe(repository);
});
