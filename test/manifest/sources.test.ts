import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Project } from '../../src/model/agent.ts';
import { commandFor, commandSource } from '../../src/manifest/sources/command-source.ts';
import { sourceVariable } from '../../src/manifest/sources/env-source.ts';
import { openSources } from '../../src/manifest/sources/value-sources.ts';
import { agentText, directoryOf, projectText, read } from './rig.ts';

const api = { from: 'secret', name: 'web', key: 'api-key' } as const;

test('files: a folder for each name and in it a file for each key, byte for byte', async () => {
  const root = directoryOf({ '.secrets/web/api-key': 'abc\n', '.secrets/web/tls.crt': 'crt', 'config/web/a/b': '' });
  const sources = openSources({ root, secrets: { from: 'files', path: '.secrets' } }, {});
  expect(await sources.read(api)).toEqual({ status: 'found', value: 'abc\n' });
  expect(await sources.list('secret', 'web')).toEqual({ status: 'found', keys: ['api-key', 'tls.crt'] });
  expect(await sources.read({ ...api, key: 'api_key' })).toMatchObject({
    status: 'absent',
    where: '`.secrets/web/api_key`',
    hint: expect.stringContaining('api-key') as string,
  });
  expect(await sources.read({ ...api, key: '../web/api-key' })).toMatchObject({ status: 'failed' });
  expect(await sources.list('secret', '..')).toMatchObject({ status: 'failed' });
  expect([...sources.revealed()]).toEqual(['abc\n', 'abc']);
});

test('env: a variable for each key, and no list of them', async () => {
  expect(sourceVariable('secret', 'web', 'api-key')).toBe('AAC_SECRET_WEB_API_KEY');
  expect(sourceVariable('config', 'desk.eu', 'tls.crt')).toBe('AAC_CONFIG_DESK_EU_TLS_CRT');
  const sources = openSources({ root: '/', secrets: { from: 'env' } }, { AAC_SECRET_WEB_API_KEY: 'abc' });
  expect(await sources.read(api)).toEqual({ status: 'found', value: 'abc' });
  expect(await sources.read({ ...api, key: 'other' })).toMatchObject({
    status: 'absent',
    where: 'the variable `AAC_SECRET_WEB_OTHER`',
  });
  expect(await sources.list('secret', 'web')).toMatchObject({ status: 'failed' });
});

test('command: name and key are its last words, or stand where it says', () => {
  expect(commandFor(['vault-read'], 'web', 'k')).toEqual(['vault-read', 'web', 'k']);
  expect(commandFor(['op', 'read', 'op://desk/{name}/{key}'], 'web', '$&')).toEqual(['op', 'read', 'op://desk/web/$&']);
});

test('command: it is run once for each key, however often that is read', async () => {
  const root = directoryOf({ 'source.sh': '#!/bin/sh\necho run >> runs\nprintf "%s of %s\\n\\n" "$2" "$1"\n' });
  chmodSync(join(root, 'source.sh'), 0o755);
  const sources = openSources({ root, secrets: { from: 'command', command: ['./source.sh'] } }, {});
  const all = await Promise.all([sources.read(api), sources.read(api), sources.read(api)]);
  expect(all[2]).toEqual({ status: 'found', value: 'api-key of web\n' });
  const runs = openSources({ root, configs: { from: 'files', path: '.' } }, {});
  expect(await runs.list('config', '.')).toMatchObject({ status: 'failed' });
  const again = await openSources({ root, secrets: { from: 'command', command: ['cat', 'runs'] } }, {}).read({
    ...api,
    name: 'runs',
    key: 'runs',
  });
  expect(again).toEqual({ status: 'found', value: 'run\nrun\nrun' });
});

test('command: its complaints are told, and never what it printed', async () => {
  const script = 'echo s3ntinel-value; echo "permission denied for $1" >&2; exit 3';
  const source = commandSource('secret', { command: ['sh', '-c', script, 'sh'], root: '/', variables: process.env });
  expect(await source.read('web', 'key', undefined)).toEqual({
    status: 'failed',
    message: '`sh` ended with exit code 3: permission denied for web',
  });
  const absent = commandSource('secret', { command: ['no-such-program'], root: '/', variables: {} });
  expect(await absent.read('web', 'key', undefined)).toEqual({
    status: 'failed',
    message: '`no-such-program` cannot be run: it was not found',
  });
});

test('command: one that does not end is ended with all it started', async () => {
  const command = ['sh', '-c', 'sleep 600 & echo $! >&2; wait'];
  const source = commandSource('secret', { command, root: '/', variables: process.env, timeout: 500 });
  const looked = await source.read('web', 'key', undefined);
  const [, pid] = /printed no value within 0.5 s: (\d+)$/.exec(looked.status === 'failed' ? looked.message : '') ?? [];
  expect(pid).toBeDefined();
  await expect.poll(() => isAlive(Number(pid))).toBe(false);
});

test('a missing secret is an error at its line that says where it was looked for, and nothing is read before', async () => {
  const spec = `environment:
  - { name: KEY, from: secret }
secrets:
  - { name: db, secretName: shop, secretKey: password, env: DB }
volumes:
  - { type: configmap, source: web, target: /etc/web }
  - { type: secret, source: tls, target: /etc/tls }`;
  const files = {
    'aac.yaml': projectText('secrets: { from: files }\nconfigs: { from: files }'),
    'agent.yaml': agentText('web', spec),
    'config/web/one.txt': '1',
  };
  const reading = await read(files);
  expect(reading.diagnostics).toEqual([]);
  expect(reading.agents[0]).toMatchObject({
    environment: { DB: { from: 'secret', name: 'shop', key: 'password' } },
    volumes: [
      { type: 'configmap', keys: ['one.txt'] },
      { type: 'secret', source: 'tls' },
    ],
  });
  const problems = await reading.checkReferences();
  expect(problems.map(({ code, message, range }) => `${String(range?.start.line)} ${code} ${message}`)).toEqual([
    '7 secret-not-found `secret web/KEY` was not found: looked for `.secrets/web/KEY`',
    '9 secret-not-found `secret shop/password` was not found: looked for `.secrets/shop/password`',
    '12 secret-not-found `secret tls` was not found: looked for `.secrets/tls`',
  ]);
  expect(await reading.checkReferences(['config'])).toEqual([]);
});

test('a project without a source says how to name one', async () => {
  const reading = await read({
    'aac.yaml': projectText(),
    'agent.yaml': agentText('web', 'environment: [{ name: KEY, from: secret }]'),
  });
  expect(await reading.checkReferences()).toMatchObject([
    { code: 'secret-not-found', hint: expect.stringContaining('secrets: { from: files') as string },
  ]);
});

test('secrets must not be printed once they are read, configs may', async () => {
  const reading = await read({
    'aac.yaml': projectText('secrets: { from: files }\nconfigs: { from: files, path: conf }'),
    '.secrets/web/KEY': 's3ntinel-value\n',
    'conf/web/MODE': 'open-config-value',
    'agent.yaml': agentText('web', 'environment: [{ name: KEY, from: secret }, { name: MODE, from: configmap }]'),
  });
  expect(reading.sensitive()).toEqual([]);
  expect(await reading.checkReferences()).toEqual([]);
  expect(reading.sensitive()).toEqual(['s3ntinel-value\n', 's3ntinel-value']);
  expect(await reading.values.read({ from: 'config', name: 'web', key: 'MODE' })).toBe('open-config-value');
});

test('what a project says of its sources is resolved with its defaults', async () => {
  const of = async (spec: string): Promise<Project> => (await read({ 'aac.yaml': projectText(spec) })).project;
  expect((await of('secrets: { from: files }\nconfigs: { from: files }')).secrets).toEqual({
    from: 'files',
    path: '.secrets',
  });
  expect((await of('configs: { from: files }')).configs).toEqual({ from: 'files', path: 'config' });
  expect((await of('secrets: { from: command, command: vault-read --field }')).secrets).toEqual({
    from: 'command',
    command: ['vault-read', '--field'],
  });
});

function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return !/^Z|^$/.test(stdout.trim()); // nobody may have collected what is left of it
}
