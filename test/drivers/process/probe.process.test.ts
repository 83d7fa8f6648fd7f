import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HealthCheck, HealthCheckTiming } from '../../../src/model/spec.ts';
import { callOn, createRig, eventually, shell, succeed, type Rig } from './rig.ts';

const timing: HealthCheckTiming = {
  interval: 1000,
  startInterval: 100,
  timeout: 20_000,
  retries: 3,
  startPeriod: 0,
  successThreshold: 1,
  onUnhealthy: 'none',
};
const server = `require('node:http').createServer((request, response) => {
  if (request.url === '/slow') return;
  response.writeHead({ '/health': 200, '/moved': 302 }[request.url] ?? 503).end('text');
}).listen(Number(process.env.PORT), process.env.AAC_HOST, () => console.log('up'))`;
const spec = shell('', {
  command: [process.execPath, '-e', server],
  environment: { TOKEN: { from: 'env', key: 'TOKEN' } },
  ports: { '8080/tcp': { host: 0, hostIp: '0.0.0.0' } },
});

describe('a health check of a process', () => {
  let rig: Rig;
  let ref: string;
  beforeAll(async () => {
    rig = await createRig();
    const create = rig.createCall(spec);
    ref = (await succeed(rig.driver, create, rig.context({ TOKEN: 'secret' }))) ?? '';
    await succeed(rig.driver, callOn(create, 'start', ref), rig.context({ TOKEN: 'secret' }));
    await eventually(async () => (await rig.logs(ref)).length > 0);
    writeFileSync(join(rig.root, 'ready'), '');
  });
  afterAll(async () => {
    await rig[Symbol.asyncDispose]();
  });

  const probe = (check: HealthCheck, signal = new AbortController().signal) => rig.driver.probe(ref, check, signal);

  it.each<[string, HealthCheck]>([
    ['an answer of 200', { ...timing, type: 'http', port: 8080, path: '/health' }],
    ['a redirect, which is not followed', { ...timing, type: 'http', port: 8080, path: '/moved' }],
    ['a port that accepts', { ...timing, type: 'tcp', port: 8080 }],
    ['a file in its folder', { ...timing, type: 'file', path: 'ready' }],
    ['a command in its folder', { ...timing, type: 'command', command: ['test', '-e', 'ready'] }],
    [
      'a command that needs the value behind a reference',
      { ...timing, type: 'command', command: ['/bin/sh', '-c', 'test "$TOKEN" = secret && test -n "$PORT"'] },
    ],
  ])('succeeds by %s', async (_, check) => {
    expect(await probe(check)).toEqual({ status: 'success' });
  });

  it.each<[string, HealthCheck, RegExp]>([
    ['an answer of 503', { ...timing, type: 'http', port: 8080, path: '/' }, /^\/ answered 503$/],
    [
      'an answer that is late',
      { ...timing, timeout: 100, type: 'http', port: 8080, path: '/slow' },
      /^no answer within 100 ms$/,
    ],
    ['a port where nothing is', { ...timing, type: 'tcp', port: 1 }, /^nothing listens on 127\.0\.0\.1:1$/],
    ['a file that is not there', { ...timing, type: 'file', path: 'nowhere' }, /nowhere` does not exist$/],
    [
      'an exit code, with what the command printed',
      { ...timing, type: 'command', command: ['/bin/sh', '-c', 'echo broken; exit 3'] },
      /^exit code 3: broken$/,
    ],
    ['a command that is not there', { ...timing, type: 'command', command: ['no-such'] }, /^command not found/],
    [
      'a command that is late, and takes all it started with it',
      { ...timing, timeout: 100, type: 'command', command: ['/bin/sh', '-c', 'sleep 61 & sleep 62'] },
      /^no answer within 100 ms$/,
    ],
  ])('fails by %s', async (_, check, message) => {
    expect(await probe(check)).toEqual({ status: 'failure', message: expect.stringMatching(message) as string });
    await eventually(async () => !(await rig.members()).some((member) => member.command === 'sleep'));
  });

  it('that is cut off counts neither way', async () => {
    const over = new AbortController();
    const result = probe({ ...timing, type: 'http', port: 8080, path: '/slow' }, over.signal);
    over.abort();
    expect(await result).toMatchObject({ status: 'error' });
  });

  it('fails for a process that is gone, whoever answers in its place', async () => {
    const other = await rig.start(shell('exit 0', { ports: { '8080/tcp': { host: 0, hostIp: '127.0.0.1' } } }), 1);
    await rig.until(other, (seen) => seen?.phase === 'exited');
    const result = await rig.driver.probe(other, { ...timing, type: 'file', path: '/' }, new AbortController().signal);
    expect(result).toEqual({ status: 'failure', message: 'the process is not running' });
  });
});
