import { execFileSync } from 'node:child_process';
import { describe, expect, it, test } from 'vitest';
import { ownerOf } from '../../../src/drivers/docker/file-owner.ts';
import { compileAgent } from '../../../src/drivers/docker/compile.ts';
import { fileFolders, fileMounts } from '../../../src/drivers/docker/files.ts';
import { readTarFile, writeTar } from '../../../src/drivers/docker/tar.ts';
import { toAgentSpec } from '../../../src/model/spec.ts';
import { agentOf, projectOf } from '../../contract/calls.ts';

const reference = { from: 'secret', name: 'web', key: 'db' } as const;

describe('an archive', () => {
  it('is one that tar reads, with mode and owner', () => {
    const file = { name: 'tls.crt', content: 'pä'.repeat(300), mode: 0o400, user: 1000, group: 1001 };
    const archive = writeTar([file, { ...file, name: 'empty', content: '', mode: 0o444 }]);
    if (!archive.ok) throw new Error(archive.error);
    const listed = execFileSync('tar', ['-tvf', '-', '--numeric-owner'], { input: archive.value, encoding: 'utf8' });
    expect(listed).toMatch(/^-r-------- 1000\/1001 +900 .* tls\.crt\n-r--r--r-- 1000\/1001 +0 .* empty\n$/);
    expect(readTarFile(archive.value)).toBe(file.content);
  });

  it('has no file where there is none, and none with too long a name', () => {
    expect(readTarFile(Buffer.alloc(1024))).toBeUndefined();
    const name = 'k'.repeat(101);
    expect(writeTar([{ name, content: '', mode: 0o400, user: 0, group: 0 }])).toEqual({ ok: false, error: name });
  });
});

test.each([
  ['', 0, 0],
  ['1000', 1000, 0],
  ['1000:7', 1000, 7],
  ['1234', 1234, 4321],
  ['clerk', 1234, 4321],
  ['clerk:staff', 1234, 50],
  ['clerk:8', 1234, 8],
])('the user `%s` of a container is %i:%i', (user, id, group) => {
  const accounts = { passwd: 'root:x:0:0::/:\nclerk:x:1234:4321::/:/bin/sh\n', groups: 'staff:x:50:\n' };
  expect(ownerOf(user, accounts)).toEqual({ user: id, group });
});

test('a user or group that the container does not know has no number', () => {
  expect(ownerOf('nobody', { passwd: '', groups: '' })).toBeUndefined();
  expect(ownerOf('1:nobody', { passwd: '', groups: '' })).toBeUndefined();
});

test('secrets lie in one folder, and one that is wanted elsewhere is bound there by itself', () => {
  const secrets = [
    { name: 'db', reference, mountPath: '/run/secrets/db' },
    { name: 'key', reference, mountPath: '/app/key.pem' },
  ];
  const { templates } = compileAgent(agentOf('docker', 'web', { secrets }), projectOf('desk', '/'));
  const spec = toAgentSpec(templates[0]!.spec);
  expect([...templates[0]!.references.keys()]).toEqual(['/secrets/db/reference', '/secrets/key/reference']);
  const [folder] = fileFolders(spec, 'desk-web-0');
  expect(fileMounts(spec, 'desk-web-0', '/engine/volume')).toEqual([
    {
      Type: 'volume',
      Source: folder?.volume,
      Target: '/run/secrets',
      ReadOnly: true,
      VolumeOptions: { NoCopy: true },
    },
    { Type: 'bind', Source: '/engine/volume/key', Target: '/app/key.pem', ReadOnly: true },
  ]);
});

test('a volume where the secrets are is refused', () => {
  const agent = agentOf('docker', 'web', {
    secrets: [{ name: 'db', reference, mountPath: '/run/secrets/db' }],
    volumes: [{ type: 'tmpfs', target: '/run/secrets', readOnly: false }],
  });
  expect(compileAgent(agent, projectOf('desk', '/'))).toMatchObject({
    templates: [],
    diagnostics: [{ code: 'conflicting-fields', message: expect.stringContaining('`/run/secrets`') as string }],
  });
});

test('a secret with a path right in the folder of secrets has its file there, and no mount of its own', () => {
  const secrets = [{ name: 'token', reference, mountPath: '/run/secrets/store-token' }];
  const { templates, diagnostics } = compileAgent(agentOf('docker', 'web', { secrets }), projectOf('desk', '/'));
  expect(diagnostics).toEqual([]);
  const spec = toAgentSpec(templates[0]!.spec);
  expect(fileFolders(spec, 'desk-web-0').map(({ files }) => files)).toEqual([
    { 'store-token': '/secrets/token/reference' },
  ]);
  expect(fileMounts(spec, 'desk-web-0', '/engine/volume').map(({ Target }) => Target)).toEqual(['/run/secrets']);
});

test.each([
  [[['db', '/run/secrets/shop/db']], 'a secret cannot be mounted at `/run/secrets/shop/db`'],
  [
    [
      ['db', '/app/db'],
      ['other', '/run/secrets/db'],
    ],
    'the secrets `db` and `other` would both be `/run/secrets/db`',
  ],
])('a secret that has no place in the folder of secrets is refused', (paths, message) => {
  const secrets = paths.map(([name = '', mountPath = '']) => ({ name, reference, mountPath }));
  const { diagnostics } = compileAgent(agentOf('docker', 'web', { secrets }), projectOf('desk', '/'));
  expect(diagnostics.map((diagnostic) => diagnostic.message)).toEqual([expect.stringContaining(message)]);
});

test.each([
  ['/run/app/ready', [{ type: 'tmpfs', target: '/run/app', readOnly: false }], 1],
  ['/run/app-ready', [{ type: 'tmpfs', target: '/run/app', readOnly: false }], 0],
  [
    '/run/app/kept/ready',
    [
      { type: 'tmpfs', target: '/run/app', readOnly: false },
      { type: 'volume', source: 'kept', target: '/run/app/kept', readOnly: false },
    ],
    0,
  ],
] as const)('a health check that looks for %s is refused where only memory holds it', (path, volumes, errors) => {
  const check = { interval: 1, startInterval: 1, timeout: 1, retries: 1, startPeriod: 0, successThreshold: 1 };
  const healthCheck = { ...check, type: 'file', path, onUnhealthy: 'none' } as const;
  const { diagnostics } = compileAgent(agentOf('docker', 'web', { volumes, healthCheck }), projectOf('desk', '/'));
  expect(diagnostics).toHaveLength(errors);
});
