import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectUnix, portSocket } from '../../src/edge/unix.ts';
import { edgeFormat, type EdgeDocument } from '../../src/model/edge.ts';
import { edgeRig, httpServer, readToEnd } from './rig.ts';

let ways: string;
beforeEach(async () => {
  ways = join(await mkdtemp(join(tmpdir(), 'aac-ways-')), 'd'.repeat(120)); // deeper than a socket's path may be
});
afterEach(() => rm(join(ways, '..'), { recursive: true, force: true }));

const clients = (allow: EdgeDocument['clients']['']['allow']): Partial<EdgeDocument> => ({
  clients: {
    web: { subnets: [], allow, services: {} },
    other: { subnets: [], allow: [{ host: 'b.test' }], services: {} },
  },
});

async function ask(agent: string, host: string): Promise<string> {
  const socket = await connectUnix(join(ways, agent), portSocket(80));
  if (!socket) return 'nobody listens';
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  return (await readToEnd(socket)).split('\r\n')[0] ?? '';
}

it('an agent is known by the folder that it comes through, and may go where it may', async () => {
  await using server = await httpServer((_, response) => response.end('here'));
  await using _rig = await edgeRig({
    ways,
    document: clients([{ host: 'a.test' }]),
    names: { 'a.test': ['93.184.216.34'], 'b.test': ['93.184.216.34'] },
    outside: { '93.184.216.34:80': server.port },
  });
  expect(await ask('web', 'a.test')).toBe('HTTP/1.1 200 OK');
  expect(await ask('web', 'b.test')).toBe('HTTP/1.1 403 Forbidden');
  expect(await ask('other', 'b.test')).toBe('HTTP/1.1 200 OK');
});

it('sockets are there for the ports that an agent may want, and go with what it may', async () => {
  await using rig = await edgeRig({ ways, document: clients([{ host: 'a.test' }, { host: 'c.test', port: 8443 }]) });
  const sockets = async (): Promise<readonly string[]> => (await readdir(join(ways, 'web'))).sort();
  expect(await sockets()).toEqual(['3128.sock', '443.sock', '80.sock', '8443.sock']);
  const document: EdgeDocument = {
    formatVersion: edgeFormat,
    resolvers: [],
    routes: {},
    names: {},
    targets: {},
    clients: clients([{ host: 'a.test' }]).clients ?? {},
  };
  await rig.edge.handle({ op: 'push', document });
  const socket = await connectUnix(join(ways, 'web'), portSocket(8443));
  expect(socket).toBeUndefined();
});

it('where the edge shares the machine, an entry for a private host may be the machine itself, and no other entry', async () => {
  await using server = await httpServer((_, response) => response.end('here'));
  await using _rig = await edgeRig({
    ways,
    document: clients([{ host: 'here.test', private: true }, { host: 'there.test' }]),
    names: { 'here.test': ['127.0.0.5'], 'there.test': ['127.0.0.5'] },
    outside: { '127.0.0.5:80': server.port },
    own: () => [],
  });
  expect(await ask('web', 'here.test')).toBe('HTTP/1.1 200 OK');
  expect(await ask('web', 'there.test')).toBe('HTTP/1.1 403 Forbidden');
});
