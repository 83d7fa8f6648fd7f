import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { symlinkSync, mkdirSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findSandbox } from '../../src/drivers/process/sandbox.ts';
import { certificateFor } from '../edge/rig.ts';
import { freePort } from '../support/free-port.ts';
import { processWorld, showsProcesses } from './world.ts';

/**
 * Tries what it is asked to and answers with what came of it. Errors are told by their code; `slow` stops with a code of
 * its own some time after it was told to.
 */
const attempts = `
const net = require('node:net'), tls = require('node:tls'), http = require('node:http'), dgram = require('node:dgram');
const fs = require('node:fs'), dns = require('node:dns/promises'), { spawnSync } = require('node:child_process');
const settled = (emitter, event, then) => new Promise((resolve) => {
  emitter.on(event, (value) => resolve(then(value)));
  emitter.on('error', (error) => resolve(error.code ?? error.message));
});
const does = {
  tcp: ({ host, port, path }) => settled(net.connect(path ? { path } : { host, port }), 'connect', () => 'connected'),
  abstract: ({ name }) => settled(net.connect({ path: '\\0' + name }), 'connect', () => 'connected'),
  udp: ({ host, port }) => new Promise((resolve) => {
    const socket = dgram.createSocket('udp4');
    socket.on('error', (error) => resolve(error.code));
    socket.send('x', port, host, (error) => resolve(error ? error.code : 'sent'));
  }),
  http: ({ port, path, host }) => settled(http.get({ host: '127.0.0.1', port, path, headers: { host } }), 'response', (answer) => answer.statusCode),
  connect: ({ target }) => settled(http.request({ host: '127.0.0.1', port: 3128, method: 'CONNECT', path: target }).end(), 'connect', (answer) => answer.statusCode),
  tls: ({ host, port, servername = host }) => {
    const socket = tls.connect({ host, port, servername, rejectUnauthorized: false });
    return Promise.race([settled(socket, 'data', String), settled(socket, 'close', () => 'closed')]);
  },
  tunnel: ({ target, servername }) => new Promise((resolve) => {
    http.request({ host: '127.0.0.1', port: 3128, method: 'CONNECT', path: target }).end().on('connect', (answer, inner) => {
      const socket = tls.connect({ socket: inner, servername, rejectUnauthorized: false });
      resolve(Promise.race([settled(socket, 'data', String), settled(socket, 'close', () => 'closed')]));
    });
  }),
  read: ({ path }) => { try { fs.readFileSync(path); return 'read'; } catch (error) { return error.code; } },
  list: ({ path }) => fs.readdirSync(path),
  resolve: ({ name }) => dns.resolve4(name).then(String, (error) => error.code),
  run: ({ command }) => spawnSync(command[0], command.slice(1)).status,
};
http.createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  const order = JSON.parse(text || '{"do":"list","path":"/run"}');
  response.end(JSON.stringify(await does[order.do](order)));
}).listen(process.env.PORT, process.env.AAC_HOST);
process.on('SIGTERM', () => setTimeout(() => process.exit(3), 200));
`;

const works = findSandbox(process.env.PATH ?? '').status === 'works';
const host = 'models.test';
const restricted = (allowedHosts: readonly unknown[]) => ({
  network: { security: { allowExternalConnections: false, allowedHosts } },
});

async function listening<T extends { listen(...where: never[]): unknown }>(
  server: T & NodeJS.EventEmitter & { address(): unknown; close(): unknown },
  ...where: readonly unknown[]
): Promise<number> {
  (server.listen as (...given: readonly unknown[]) => unknown)(...where);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo | string as AddressInfo).port;
}

/** A name server that knows one name, which is this machine. */
async function nameServer(): Promise<number> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const end = query.indexOf(0, 12) + 5;
    const isFour = query.readUInt16BE(end - 4) === 1;
    const asked = query.subarray(12, end - 4).toString('latin1');
    const known = isFour && asked.includes('models') && asked.includes('test');
    const head = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, 0, 1, 0, known ? 1 : 0, 0, 0, 0, 0]);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1]);
    const answer = [head, query.subarray(12, end), ...(known ? [record] : [])];
    socket.send(Buffer.concat(answer), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return socket.address().port;
}

describe.runIf(showsProcesses && works)('a local process with a restricted way out', () => {
  test('reaches the hosts that it may and nothing else, and is reached at its port', async () => {
    const secret = await listening(
      createHttpServer((_, response) => response.end('not for you')),
      0,
      '127.0.0.1',
    );
    const plain = await listening(
      createHttpServer((_, response) => response.end('plain')),
      0,
      '127.0.0.1',
    );
    const certificate = await certificateFor(host);
    const secure = await listening(
      createTlsServer(certificate, (socket) => {
        socket.on('error', () => undefined);
        socket.write('secure');
      }),
      0,
      '127.0.0.1',
    );
    await using rig = processWorld.rig({ project: { edge: { dns: [`127.0.0.1:${String(await nameServer())}`] } } });
    await listening(createTcpServer(), { path: `\0${rig.workspace}` });
    const port = await freePort();
    rig.write({
      'web.agent.yaml': processWorld.agent('web', {
        command: ['node', '-e', attempts],
        ports: [{ container: 80, host: port, hostIp: '127.0.0.1' }],
        healthCheck: { path: '/', port: 80, startInterval: '100ms', timeout: '5s' },
        ...restricted([
          { host, port: plain, private: true },
          { host, port: secure, private: true },
          { host, port: 1 },
        ]),
      }),
    });
    await rig.apply();
    expect((await rig.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);

    const does = async (order: Readonly<Record<string, unknown>>): Promise<unknown> => {
      const response = await fetch(`http://127.0.0.1:${String(port)}/`, {
        method: 'POST',
        body: JSON.stringify(order),
      });
      return response.json();
    };
    // what is allowed: by the proxy, and by name for programs that know none
    expect(await does({ do: 'tls', host, port: secure })).toBe('secure');
    expect(await does({ do: 'tunnel', target: `${host}:${String(secure)}`, servername: host })).toBe('secure');
    expect(await does({ do: 'http', port: plain, path: '/', host: `${host}:${String(plain)}` })).toBe(200);

    const state = join(rig.state, rig.workspace);
    const attempted: readonly (readonly [Readonly<Record<string, unknown>>, unknown])[] = [
      [{ do: 'tcp', host: '192.0.2.1', port: 443 }, 'ENETUNREACH'],
      [{ do: 'tcp', host: '2001:db8::1', port: 443 }, 'ENETUNREACH'],
      [{ do: 'udp', host: '192.0.2.1', port: 53 }, 'ENETUNREACH'],
      [{ do: 'tcp', host: '127.0.0.1', port: secret }, 'ECONNREFUSED'],
      [{ do: 'tcp', host: '127.0.0.1', port }, 'ECONNREFUSED'],
      [{ do: 'abstract', name: rig.workspace }, 'ECONNREFUSED'],
      [{ do: 'tcp', path: '/var/run/docker.sock' }, 'ENOENT'],
      [{ do: 'resolve', name: 'secret.example.com' }, 'ECONNREFUSED'],
      [{ do: 'connect', target: '127.0.0.1:443' }, 403],
      [{ do: 'connect', target: `${host}:${String(secret)}` }, 403],
      [{ do: 'connect', target: `other.test:${String(secure)}` }, 403],
      [{ do: 'connect', target: `${host}:1` }, 403], // an entry that does not say `private`
      [{ do: 'tunnel', target: `${host}:${String(secure)}`, servername: 'other.test' }, 'cut'],
      [{ do: 'tls', host, port: secure, servername: 'other.test' }, 'cut'],
      [{ do: 'http', port: plain, path: '/', host: 'other.test' }, 403],
      [{ do: 'http', port: 3128, path: `http://${host}:${String(plain)}/`, host: 'other.test' }, 403],
      // the rules, the edge and other processes of the same user
      [{ do: 'list', path: join(state, 'ways') }, ['web']],
      [{ do: 'read', path: join(state, 'journal.jsonl') }, 'ENOENT'],
      [{ do: 'read', path: `/proc/${String(process.pid)}/environ` }, 'EACCES'],
      [{ do: 'read', path: `/proc/${String(process.pid)}/ns/net` }, 'EACCES'],
      [{ do: 'run', command: ['umount', '/run'] }, 32],
    ];
    for (const [order, expected] of attempted) {
      const came = await does(order);
      const isCut = came === 'closed' || came === 'ECONNRESET';
      expect([order, isCut ? 'cut' : came]).toEqual([order, expected]);
    }

    const exec = await rig.aac('exec', 'web', '--', 'true');
    expect([exec.exitCode === 0, exec.stderr.includes('its way out is restricted')]).toEqual([false, true]);
    const denied = await rig.aac('egress', 'log', '--denied');
    expect(denied.all).toContain('other.test');
    const stopped = await rig.aac('stop', 'web');
    expect(stopped.exitCode, stopped.all).toBe(0);
    expect((await rig.aac('ps', '--all')).stdout).toContain('exited (3)');
    await rig.aac('destroy', '--auto-approve');
    expect(rig.processes()).toEqual([]);
  });
});

test.runIf(showsProcesses)(
  'without bubblewrap a restriction is an error at its line that names the package',
  async () => {
    await using rig = processWorld.rig();
    const bin = join(rig.folder, 'bin');
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, 'node'));
    rig.write({ 'web.agent.yaml': processWorld.agent('web', restricted(['api.test'])) });
    const { exitCode, stderr } = await rig.with({ environment: { PATH: bin } }).aac('plan');
    expect(exitCode, stderr).toBe(1);
    expect(stderr).toContain('install the package `bubblewrap`');
    expect(stderr).toMatch(/web\.agent\.yaml:\d+:\d+/);
  },
);
