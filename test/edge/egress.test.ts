import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyDocument } from '../../src/edge/store.ts';
import type { AllowedHost } from '../../src/model/edge.ts';
import {
  agentAddress,
  asAgent,
  certificateFor,
  edgeRig,
  helloOf,
  httpServer,
  open,
  readToEnd,
  readUntil,
  sayOverTls,
  tcpServer,
  tlsServer,
  type EdgeRig,
  type Listening,
} from './rig.ts';

const outsideAddress = '93.184.216.34';
const names = {
  'api.test': [outsideAddress],
  'a.wild.test': [outsideAddress],
  'other.test': [outsideAddress],
  'inside.test': ['10.1.1.1'],
  'rebound.test': ['10.1.1.1', '127.0.0.1', '169.254.169.254'],
  'mixed.test': ['127.0.0.1', outsideAddress],
  'metadata.test': ['169.254.169.254'],
  'sibling.test': ['127.0.0.2'],
  'self.test': ['10.9.0.2'],
};

let tls: Listening;
let http: Listening;
beforeAll(async () => {
  tls = await tlsServer(await certificateFor('api.test'), 'secure');
  http = await httpServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () =>
      response.end(`${request.method ?? ''} ${request.headers.host ?? ''}${request.url ?? ''} ${body}`),
    );
  });
});
afterAll(async () => {
  await tls[Symbol.asyncDispose]();
  await http[Symbol.asyncDispose]();
});

function egressRig(
  allow: readonly AllowedHost[] = [{ host: 'api.test' }, { host: '*.wild.test' }],
  patience = 10_000,
): Promise<EdgeRig> {
  const outside = Object.fromEntries(
    [outsideAddress, '10.1.1.1', '127.0.0.1', '127.0.0.2', '169.254.169.254', '10.9.0.2', '1.1.1.1'].flatMap(
      (address) => [
        [`${address}:443`, tls.port],
        [`${address}:80`, http.port],
      ],
    ),
  );
  const client = { subnets: [`${agentAddress}/32`], allow, services: {} };
  return edgeRig({ document: { clients: { web: client } }, names, outside, patience });
}

const proxy = (rig: EdgeRig) => asAgent(rig.port('3128/tcp'));

/** What an agent gets through `CONNECT`: what the host says, or the status it was refused with, or nothing. */
async function connectThrough(rig: EdgeRig, target: string, servername: string): Promise<string | undefined> {
  const socket = await proxy(rig);
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
  const head = await readUntil(socket, /\r\n\r\n/);
  const status = /^HTTP\/1\.1 (\d+)/.exec(head)?.[1];
  return status === '200' ? sayOverTls(socket, servername) : status;
}

/** What an agent gets that thinks the edge is the host. */
async function tlsThrough(rig: EdgeRig, servername: string, key = '443/tcp'): Promise<string | undefined> {
  return sayOverTls(await asAgent(rig.port(key)), servername);
}

/** The answer to one HTTP request, written as it is. */
async function httpThrough(rig: EdgeRig, text: string, key = '3128/tcp'): Promise<string> {
  const socket = await asAgent(rig.port(key));
  socket.write(text);
  return readToEnd(socket);
}

describe('an allowed host', () => {
  it('is reached through CONNECT, and what it says is its own', async () => {
    await using rig = await egressRig();
    expect(await connectThrough(rig, 'api.test:443', 'api.test')).toBe('secure hello');
    expect(await connectThrough(rig, 'API.test:443', 'api.TEST')).toBe('secure hello');
    expect(rig.dialled).toEqual([`${outsideAddress}:443`, `${outsideAddress}:443`]);
    expect(rig.audit[0]).toMatchObject({
      ...{ agent: 'web', verdict: 'allowed', via: 'connect', host: 'api.test', port: 443, address: outsideAddress },
    });
  });

  it('is reached by a client that knows no proxy, by the name in its TLS handshake', async () => {
    await using rig = await egressRig();
    expect(await tlsThrough(rig, 'api.test')).toBe('secure hello');
    expect(await tlsThrough(rig, 'a.wild.test')).toBe('secure hello');
    expect(rig.audit.map(({ via, verdict, host }) => [via, verdict, host])).toEqual([
      ['tls', 'allowed', 'api.test'],
      ['tls', 'allowed', 'a.wild.test'],
    ]);
  });

  it('is reached by plain HTTP, as through a proxy and as if the edge were it', async () => {
    await using rig = await egressRig();
    const body = 'Content-Length: 2\r\n\r\nok';
    expect(
      await httpThrough(rig, `POST http://api.test/p?q=1 HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n${body}`),
    ).toContain('POST api.test/p?q=1 ok');
    expect(
      await httpThrough(rig, 'GET /x HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n', '80/tcp'),
    ).toContain('GET api.test/x');
    const chunked = 'Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n';
    expect(
      await httpThrough(rig, `DELETE /x HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n${chunked}`, '80/tcp'),
    ).toContain('DELETE api.test/x ok');
  });

  it('is reached on the port that its entry names', async () => {
    await using rig = await edgeRig({
      names,
      outside: { [`${outsideAddress}:8443`]: tls.port },
      document: {
        clients: { web: { subnets: [`${agentAddress}/32`], allow: [{ host: 'api.test', port: 8443 }], services: {} } },
      },
    });
    expect(await tlsThrough(rig, 'api.test', '8443/tcp')).toBe('secure hello');
    expect(await connectThrough(rig, 'api.test:8443', 'api.test')).toBe('secure hello');
    expect(await connectThrough(rig, 'api.test:443', 'api.test')).toBe('403');
  });

  it('on a private address is reached where that is declared, at no other address than the one that was checked', async () => {
    await using rig = await egressRig([{ host: 'inside.test', private: true }, { host: 'mixed.test' }]);
    expect(await connectThrough(rig, 'inside.test:443', 'inside.test')).toBe('secure hello');
    expect(await connectThrough(rig, 'mixed.test:443', 'mixed.test')).toBe('secure hello');
    expect(rig.dialled).toEqual(['10.1.1.1:443', `${outsideAddress}:443`]);
  });
});

describe('every other way out is refused and written down:', () => {
  const wide = [...Object.keys(names), '1.1.1.1', '127.0.0.1'].map((host) => ({ host, private: true }));
  const bypasses: readonly (readonly [string, (rig: EdgeRig) => Promise<string | undefined>, string])[] = [
    ['a host that is not in the list', (rig) => connectThrough(rig, 'other.test:443', 'other.test'), 'not in the list'],
    ['a name that ends alike', (rig) => connectThrough(rig, 'evilapi.test:443', 'evilapi.test'), 'not in the list'],
    ['the domain of a wildcard', (rig) => connectThrough(rig, 'wild.test:443', 'wild.test'), 'not in the list'],
    ['another port', (rig) => connectThrough(rig, 'api.test:22', 'api.test'), 'not in the list'],
    ['CONNECT to an address', (rig) => connectThrough(rig, '1.1.1.1:443', 'api.test'), 'not a host name'],
    ['CONNECT to an IPv6 address', (rig) => connectThrough(rig, '[::1]:443', 'api.test'), 'not a host name'],
    [
      'CONNECT to an address as a number',
      (rig) => connectThrough(rig, '2130706433:443', 'api.test'),
      'not a host name',
    ],
    ['another name in the handshake', (rig) => connectThrough(rig, 'api.test:443', 'other.test'), 'names another host'],
    ['no name in the handshake', (rig) => connectThrough(rig, 'api.test:443', ''), 'no server name'],
    ['TLS to a host that is not in the list', (rig) => tlsThrough(rig, 'other.test'), 'not in the list'],
    ['TLS without a name', (rig) => tlsThrough(rig, ''), 'no server name'],
    ['TLS on the port of the proxy', (rig) => tlsThrough(rig, 'api.test', '3128/tcp'), 'port of the proxy'],
    [
      'something else than TLS through CONNECT',
      async (rig) => {
        const socket = await proxy(rig);
        socket.write('CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n\r\n');
        await readUntil(socket, /\r\n\r\n/);
        socket.write('GET / HTTP/1.1\r\nHost: other.test\r\n\r\n');
        return readToEnd(socket);
      },
      'not a TLS handshake',
    ],
    [
      'an absolute address whose Host is another one',
      (rig) => httpThrough(rig, 'GET http://api.test/ HTTP/1.1\r\nHost: other.test\r\n\r\n'),
      'Host names another host',
    ],
    [
      'plain HTTP to a host that is not in the list',
      (rig) => httpThrough(rig, 'GET / HTTP/1.1\r\nHost: other.test\r\n\r\n', '80/tcp'),
      'not in the list',
    ],
    [
      'plain HTTP to an address',
      (rig) => httpThrough(rig, 'GET http://1.1.1.1/ HTTP/1.1\r\nHost: 1.1.1.1\r\n\r\n'),
      'not a host name',
    ],
    [
      'two Hosts',
      (rig) => httpThrough(rig, 'GET / HTTP/1.1\r\nHost: api.test\r\nHost: other.test\r\n\r\n', '80/tcp'),
      'not exactly one Host',
    ],
    [
      'a user in the address',
      (rig) => httpThrough(rig, 'GET http://api.test@other.test/ HTTP/1.1\r\nHost: other.test\r\n\r\n'),
      'not a host name',
    ],
    [
      'another protocol than HTTP',
      (rig) => httpThrough(rig, 'GET ftp://api.test/ HTTP/1.1\r\nHost: api.test\r\n\r\n'),
      'names no http:// address',
    ],
  ];
  it.each(bypasses)('%s', async (_, attempt, reason) => {
    await using rig = await egressRig();
    const got = await attempt(rig);
    expect(got === undefined || got === '' || got.startsWith('403') || got.startsWith('HTTP/1.1 403')).toBe(true);
    expect(rig.dialled.filter((target) => target !== `${outsideAddress}:443`)).toEqual([]);
    expect(rig.audit).toHaveLength(1);
    expect(rig.audit[0]).toMatchObject({ agent: 'web', verdict: 'denied' });
    expect(rig.audit[0]?.reason).toContain(reason);
  });

  it.each([
    ['a private address', 'inside.test', [{ host: 'inside.test' }], 'a private address'],
    ['an address of this very machine', 'rebound.test', [{ host: 'rebound.test' }], 'not a public address (loopback)'],
    ['the metadata service, whatever is declared', 'metadata.test', wide, 'link local'],
    ["a sibling's network, whatever is declared", 'sibling.test', wide, "on an agent's network"],
    ['the edge itself, whatever is declared', 'self.test', wide, 'the edge itself'],
    ['nothing at all', 'unknown.test', [{ host: 'unknown.test' }], 'does not resolve'],
  ])('an allowed name that leads to %s', async (_, host, allow, reason) => {
    await using rig = await egressRig(allow);
    expect(await connectThrough(rig, `${host}:443`, host)).toBe('403');
    expect(await tlsThrough(rig, host)).toBeUndefined();
    expect(rig.dialled).toEqual([]);
    expect(rig.audit.map(({ verdict }) => verdict)).toEqual(['denied', 'denied']);
    expect(rig.audit[0]?.reason).toContain(reason);
  });

  it('each further request on a connection that began with an allowed one', async () => {
    await using rig = await egressRig();
    const socket = await asAgent(rig.port('80/tcp'));
    socket.write('GET /1 HTTP/1.1\r\nHost: api.test\r\n\r\n');
    await readUntil(socket, /api\.test\/1/);
    socket.write('GET /2 HTTP/1.1\r\nHost: other.test\r\n\r\n');
    expect(await readToEnd(socket)).toContain('403 Forbidden');
    expect(rig.audit.map(({ verdict }) => verdict)).toEqual(['allowed', 'denied']);
  });
});

describe('when the rules change', () => {
  it('what is open and not allowed any more is cut, and what is allowed goes on', async () => {
    await using rig = await egressRig();
    const [cut, kept] = await Promise.all(
      ['api.test', 'a.wild.test'].map(async (name) => {
        const socket = await asAgent(rig.port('443/tcp'));
        socket.write(await helloOf(name));
        await readUntil(socket, /./s);
        return socket;
      }),
    );
    const proxied = await proxy(rig);
    proxied.write('GET http://api.test/1 HTTP/1.1\r\nHost: api.test\r\n\r\n');
    await readUntil(proxied, /api\.test\/1/);
    const client = { subnets: [`${agentAddress}/32`], allow: [{ host: '*.wild.test' }], services: {} };
    await rig.edge.handle({ op: 'push', document: { ...emptyDocument, clients: { web: client } } });
    if (!cut || !kept) throw new Error('there are two');
    await readToEnd(cut);
    proxied.write('GET http://api.test/2 HTTP/1.1\r\nHost: api.test\r\n\r\n');
    expect(await readToEnd(proxied)).toContain('403 Forbidden');
    expect(kept.destroyed || kept.readableEnded).toBe(false);
    kept.destroy();
  });
});

describe('an agent that takes its time', () => {
  it('is cut off when it says nothing, or its handshake or request does not end', async () => {
    await using rig = await egressRig(undefined, 100);
    for (const said of ['', '\x16\x03\x01', 'GET / HTTP/1.1\r\nHost: ap']) {
      const socket = await asAgent(rig.port('443/tcp'));
      socket.write(Buffer.from(said, 'latin1'));
      expect(await readToEnd(socket)).not.toContain('200');
    }
    expect(rig.dialled).toEqual([]);
  });

  it('is understood when its handshake comes byte by byte', async () => {
    await using rig = await egressRig();
    const socket = await asAgent(rig.port('443/tcp'));
    for (const byte of await helloOf('api.test')) {
      socket.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    expect((await readUntil(socket, /./s)).charCodeAt(0)).toBe(0x16);
    expect(rig.audit.map(({ verdict }) => verdict)).toEqual(['allowed']);
  });
});

describe('the edge', () => {
  it('lets nobody out who is not on the network of an agent, and no agent in where outsiders go', async () => {
    await using replica = await tcpServer((socket) => void socket.end('inside'));
    await using rig = await edgeRig({
      names,
      outside: { 'a:1': replica.port },
      document: {
        routes: { '8080/tcp': { group: 'web', port: 1 } },
        targets: { web: { a: { host: 'a', state: 'ready' } } },
        clients: { web: { subnets: [`${agentAddress}/32`], allow: [{ host: 'api.test' }], services: {} } },
      },
    });
    const outsider = await open(rig.port('3128/tcp'));
    outsider.write('CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n\r\n');
    expect(await readToEnd(outsider)).toBe('');
    const agent = await asAgent(rig.port('8080/tcp'));
    agent.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await readToEnd(agent)).not.toContain('inside');
    expect(await readToEnd(await open(rig.port('8080/tcp')))).toBe('inside');
  });

  it('passes calls to declared siblings on as they are', async () => {
    await using sibling = await tcpServer((socket) => void socket.end('raw'));
    await using rig = await edgeRig({
      outside: { 'db.net:5432': sibling.port },
      document: {
        clients: {
          web: { subnets: [`${agentAddress}/32`], allow: [], services: { '5432': { host: 'db.net', port: 5432 } } },
        },
      },
    });
    expect(await readToEnd(await asAgent(rig.port('5432/tcp')))).toBe('raw');
    expect(rig.audit).toMatchObject([{ verdict: 'allowed', via: 'service', host: 'db.net', port: 5432 }]);
  });

  it('counts what agents are denied', async () => {
    await using rig = await egressRig();
    await connectThrough(rig, 'other.test:443', 'other.test');
    const answer = await rig.edge.handle({ op: 'status' });
    expect(answer.ok && answer.status.clients.web).toMatchObject({ connections: 1, denied: 1 });
  });
});

describe('a test of the way out', () => {
  const trialOf = async (rig: EdgeRig, host: string, port = 443, agent = 'web') => {
    const answer = await rig.edge.handle({ op: 'test', agent, host, port });
    return answer.ok ? answer.trial : answer.message;
  };

  it('connects to the address that would be connected to, sends nothing and tells nobody', async () => {
    let got = '';
    await using host = await tcpServer((socket) => void socket.on('data', (data: Buffer) => (got += data.toString())));
    const client = { subnets: [], allow: [{ host: '*.wild.test' }], services: {} };
    await using rig = await edgeRig({
      document: { clients: { web: client } },
      names,
      outside: { [`${outsideAddress}:443`]: host.port },
    });
    expect(await trialOf(rig, 'A.wild.test')).toEqual({
      ...{ verdict: 'allowed', reachable: true, address: outsideAddress, rule: { host: '*.wild.test' } },
    });
    expect(await trialOf(rig, 'a.wild.test', 80)).toMatchObject({ verdict: 'allowed', reachable: false });
    expect(rig.dialled).toEqual([`${outsideAddress}:443`, `${outsideAddress}:80`]);
    expect(await trialOf(rig, 'other.test')).toMatchObject({ verdict: 'denied' });
    const answer = await rig.edge.handle({ op: 'status' });
    expect(answer.ok && answer.status.clients.web).toEqual({ connections: 0, sent: 0, received: 0, denied: 0 });
    expect([rig.audit, got]).toEqual([[], '']);
  });

  it.each([
    ['a host that is not in the list', 'other.test', 'not in the list of allowed hosts'],
    ['a port that is not in the list', 'api.test:8443', 'not in the list of allowed hosts'],
    ['an address', '1.1.1.1', 'not a host name: addresses are not allowed'],
    ['an allowed name that leads to a private address', 'inside.test', '10.1.1.1 is a private address'],
    ['an allowed name that leads nowhere', 'unknown.test', 'the name does not resolve'],
  ])('refuses %s as the edge would, and connects to nothing', async (_, target, reason) => {
    await using rig = await egressRig([{ host: 'api.test' }, { host: 'inside.test' }, { host: 'unknown.test' }]);
    const [host = '', port] = target.split(':');
    expect(await trialOf(rig, host, port === undefined ? 443 : Number(port))).toEqual({ verdict: 'denied', reason });
    expect(rig.dialled).toEqual([]);
  });

  it('takes a declared sibling for what it is', async () => {
    await using sibling = await tcpServer(() => undefined);
    const services = { '5432': { host: 'db.net', port: 5432 } };
    await using rig = await edgeRig({
      outside: { 'db.net:5432': sibling.port },
      document: { clients: { web: { subnets: [], allow: [], services } } },
    });
    expect(await trialOf(rig, 'db', 5432)).toMatchObject({ verdict: 'allowed', reachable: true });
    expect(await trialOf(rig, 'db', 80)).toMatchObject({ verdict: 'denied' });
    expect(await trialOf(rig, 'd', 5432)).toMatchObject({ verdict: 'denied' });
  });

  it('is refused for an agent that the edge does not know', async () => {
    await using rig = await egressRig();
    expect(await trialOf(rig, 'api.test', 443, 'worker')).toBe('this edge knows no agent `worker`');
    expect(await trialOf(rig, 'api.test', 443, 'constructor')).toBe('this edge knows no agent `constructor`');
  });
});
