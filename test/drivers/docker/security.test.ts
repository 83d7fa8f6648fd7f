import { describe, expect, it } from 'vitest';
import type { ContainerDetails } from '../../../src/drivers/docker/engine-types.ts';
import {
  containerUser,
  hostSecurity,
  isRootUser,
  liveSecurity,
  needsImageUser,
  securitySpec,
} from '../../../src/drivers/docker/security.ts';
import type { SecuritySpec } from '../../../src/model/spec.ts';
import { hashJson } from '../../../src/util/hash.ts';
import { agentOf } from '../../contract/calls.ts';

const plain = securitySpec(agentOf('docker', 'web'));

function live(host: Partial<ContainerDetails['HostConfig']>, declared: SecuritySpec, user = '') {
  return liveSecurity({ Config: { User: user }, HostConfig: host } as ContainerDetails, declared);
}

describe('the security context of a container', () => {
  it('gains no privileges unless the manifest allows it', () => {
    expect(hostSecurity(plain, {})).toEqual({ SecurityOpt: ['no-new-privileges'] });
    expect(hostSecurity({ ...plain, noNewPrivileges: false }, {})).toEqual({
      SecurityOpt: ['no-new-privileges=false'],
    });
  });

  it.each<[string, SecuritySpec, string]>([
    ['nothing', plain, ''],
    ['a user', { ...plain, runAsUser: 1000 }, '1000'],
    ['a user and a group', { ...plain, runAsUser: 1000, runAsGroup: 1001 }, '1000:1001'],
    ['a read-only file system', { ...plain, readOnlyRootFilesystem: true }, ''],
    ['capabilities', { ...plain, capabilities: { add: ['CHOWN', 'NET_RAW'], drop: ['ALL'] } }, ''],
    ['no seccomp', { ...plain, seccompProfile: 'unconfined' }, ''],
    ['the own seccomp of the engine', { ...plain, seccompProfile: 'default' }, ''],
    ['a seccomp file', { ...plain, seccompProfile: { path: './s.json', sha256: hashJson({ a: 1 }) } }, ''],
  ])('with %s is read back as it was written', (_, spec, user) => {
    expect(containerUser(spec, {}) ?? '').toBe(user);
    expect(live(hostSecurity(spec, { seccomp: '{ "a": 1 }' }), spec, user)).toEqual(spec);
  });

  it('is the same in whatever order and with whatever prefix the engine lists capabilities', () => {
    const spec = { ...plain, capabilities: { add: ['CHOWN', 'NET_RAW'], drop: ['ALL'] } };
    const host = { ...hostSecurity(spec, {}), CapAdd: ['CAP_NET_RAW', 'CAP_CHOWN'], CapDrop: ['CAP_ALL'] };
    expect(live(host, spec)).toEqual(spec);
  });

  it('with a group alone keeps the user of the image, who would be root otherwise', () => {
    const spec = { ...plain, runAsGroup: 5 };
    expect(needsImageUser(spec)).toBe(true);
    expect(containerUser(spec, { imageUser: 'node:node' })).toBe('node:5');
    expect(containerUser(spec, { imageUser: '' })).toBe('0:5');
  });

  it('shows a changed profile, and one that is gone, as another one', () => {
    const spec: SecuritySpec = { ...plain, seccompProfile: { path: './s.json', sha256: 'planned' } };
    expect(live({ SecurityOpt: ['seccomp={"b":1}'] }, spec)).toMatchObject({
      seccompProfile: { path: './s.json', sha256: hashJson({ b: 1 }) },
      noNewPrivileges: false,
    });
    expect(live({ SecurityOpt: [] }, spec)).toMatchObject({ seccompProfile: 'default' });
  });
});

it.each([
  ['', true],
  ['root', true],
  ['0', true],
  ['0:1000', true],
  ['00', true],
  ['1000', false],
  ['node:root', false],
])('an image with USER %j runs as root: %s', (user, isRoot) => {
  expect(isRootUser(user)).toBe(isRoot);
});
