import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { EdgeDocument } from '../../src/model/edge.ts';
import { edgeRig, httpServer, open, readToEnd, readUntil, tcpServer, type EdgeRig } from './rig.ts';

const route = { '8080/tcp': { group: 'web', port: 1 } };
const at = (host: string) => ({ host, state: 'ready' as const });

/** Replicas are told apart by a name that the rig's `outside` leads to a real port. */
function replicas(ports: Readonly<Record<string, number>>, more: Partial<EdgeDocument['routes']['']> = {}) {
  return {
    document: {
      routes: { '8080/tcp': { ...route['8080/tcp'], ...more } },
      targets: { web: Object.fromEntries(Object.keys(ports).map((id) => [id, at(id)])) },
    },
    outside: Object.fromEntries(Object.entries(ports).map(([id, port]) => [`${id}:1`, port])),
  };
}

const says = (text: string) => (socket: Socket) => void socket.end(text);

describe('a connection from outside', () => {
  it('reaches a replica and comes back, each direction ended by itself', async () => {
    await using echo = await tcpServer((socket) => {
      let text = '';
      socket.on('data', (data) => (text += data.toString())).on('end', () => socket.end(text.toUpperCase()));
    });
    await using rig = await edgeRig(replicas({ a: echo.port }));
    const socket = await open(rig.port('8080/tcp'));
    socket.end('hello');
    expect(await readToEnd(socket)).toBe('HELLO');
    const answer = await rig.edge.handle({ op: 'status' });
    expect(answer.ok && answer.status.routes['8080/tcp']).toEqual({ connections: 1, sent: 5, received: 5 });
  });

  it('goes to the replica with the fewest connections', async () => {
    await using a = await tcpServer((socket) => socket.write('a'));
    await using b = await tcpServer((socket) => socket.write('b'));
    await using rig = await edgeRig(replicas({ a: a.port, b: b.port }));
    const got = [];
    for (let count = 0; count < 6; count += 1) {
      got.push(await readUntil(await open(rig.port('8080/tcp')), /./));
    }
    expect(got.sort().join('')).toBe('aaabbb');
    expect((await status(rig)).open).toEqual({ web: { a: 3, b: 3 } });
  });

  it('is tried on another replica where one does not take it', async () => {
    await using b = await tcpServer(says('b'));
    await using rig = await edgeRig(replicas({ a: 1, b: b.port }));
    for (let count = 0; count < 4; count += 1) {
      expect(await readToEnd(await open(rig.port('8080/tcp')))).toBe('b');
    }
  });

  it('waits a moment for the first replica', async () => {
    await using a = await tcpServer(says('a'));
    await using rig = await edgeRig({ ...replicas({}), outside: { 'a:1': a.port } });
    const early = readToEnd(await open(rig.port('8080/tcp')));
    await expect.poll(async () => (await status(rig)).routes['8080/tcp']?.connections).toBe(1);
    await rig.edge.handle({ op: 'route', group: 'web', id: 'a', host: 'a' });
    expect(await early).toBe('a');
  });

  it('is ended where no replica is there', async () => {
    await using rig = await edgeRig(replicas({}));
    expect(await readToEnd(await open(rig.port('8080/tcp')))).toBe('');
  });

  it('is announced by the PROXY protocol where that is asked for', async () => {
    await using echo = await tcpServer((socket) => socket.pipe(socket));
    await using rig = await edgeRig(replicas({ a: echo.port }, { proxyProtocol: 'v1' }));
    const socket = await open(rig.port('8080/tcp'));
    const { localPort = 0 } = socket;
    socket.end('hello');
    expect(await readToEnd(socket)).toBe(
      `PROXY TCP4 127.0.0.1 127.0.0.1 ${String(localPort)} ${String(rig.port('8080/tcp'))}\r\nhello`,
    );
  });

  it('that is not read holds its sender back instead of filling the memory', async () => {
    let written = 0;
    let full = false;
    await using flood = await tcpServer((socket) => {
      const more = (): void => {
        while (socket.write(Buffer.alloc(65536))) written += 65536;
        written += 65536;
        full = written > 0;
      };
      socket.on('drain', more);
      more();
    });
    await using rig = await edgeRig(replicas({ a: flood.port }));
    const socket = await open(rig.port('8080/tcp'));
    socket.pause();
    await expect.poll(() => full).toBe(true);
    let before = -1;
    await expect
      .poll(
        () => {
          const still = written === before;
          before = written;
          return still;
        },
        { interval: 200 },
      )
      .toBe(true);
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('a replica that drains', () => {
  it('keeps what it has and gets nothing new, and has drained when that has ended', async () => {
    await using a = await tcpServer((socket) => socket.pipe(socket));
    await using rig = await edgeRig(replicas({ a: a.port }));
    const old = await open(rig.port('8080/tcp'));
    old.write('1');
    expect(await readUntil(old, /1/)).toBe('1');
    await rig.edge.handle({ op: 'route', group: 'web', id: 'b', host: '127.0.0.1' });
    const drained = rig.edge.handle({ op: 'drain', group: 'web', id: 'a', timeout: 60_000 });
    await expect.poll(async () => (await status(rig)).document.targets.web?.a?.state).toBe('draining');
    old.write('2');
    expect(await readUntil(old, /2/)).toBe('2');
    old.end();
    const answer = await drained;
    expect(answer.ok && answer.status.open.web?.a).toBe(0);
    await rig.edge.handle({ op: 'unroute', group: 'web', id: 'a' });
    expect(Object.keys((await status(rig)).document.targets.web ?? {})).toEqual(['b']);
  });

  it('is given up on after the timeout, and cut when it is taken out', async () => {
    await using a = await tcpServer((socket) => socket.pipe(socket));
    await using rig = await edgeRig(replicas({ a: a.port }));
    const old = await open(rig.port('8080/tcp'));
    old.write('1');
    await readUntil(old, /1/);
    const answer = await rig.edge.handle({ op: 'drain', group: 'web', id: 'a', timeout: 100 });
    expect(answer.ok && answer.status.open.web?.a).toBe(1);
    const end = readToEnd(old);
    await rig.edge.handle({ op: 'unroute', group: 'web', id: 'a' });
    expect(await end).toBe('');
  });

  it('sends HTTP clients that reuse their connection to the others, without a failed request', async () => {
    await using a = await httpServer((_, response) => void response.end('a'));
    await using b = await httpServer((_, response) => void response.end('b'));
    await using rig = await edgeRig({
      document: replicas({ a: 0 }).document,
      outside: { 'a:1': a.port, 'b:1': b.port },
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const get = (): Promise<string> =>
      new Promise((resolve, reject) => {
        request({ agent, port: rig.port('8080/tcp'), host: '127.0.0.1' }, (response) => {
          response.on('data', (data: Buffer) => resolve(data.toString()));
        })
          .on('error', reject)
          .end();
      });
    const load = Array.from({ length: 4 }, async () => {
      const got: string[] = [];
      while (got.at(-1) !== 'b' || got.length < 50) got.push(await get());
      return got;
    });
    await rig.edge.handle({ op: 'route', group: 'web', id: 'b', host: 'b' });
    await rig.edge.handle({ op: 'drain', group: 'web', id: 'a', timeout: 60_000 });
    expect((await status(rig)).open.web?.a).toBe(0);
    for (const got of await Promise.all(load)) expect(got.at(-1)).toBe('b');
    agent.destroy();
  });
});

describe('a group that is known by a name', () => {
  it('has the replicas that the name leads to; one that it no longer leads to drains', async () => {
    await using a = await tcpServer((socket) => socket.pipe(socket));
    await using b = await tcpServer(says('b'));
    let addresses: readonly string[] = ['a'];
    await using rig = await edgeRig({
      document: { routes: route, names: { web: 'web.net' } },
      lookUp: async () => addresses,
      outside: { 'a:1': a.port, 'b:1': b.port },
    });
    const old = await open(rig.port('8080/tcp'));
    old.write('1');
    expect(await readUntil(old, /1/)).toBe('1');
    addresses = ['b'];
    await expect.poll(async () => (await status(rig)).open).toEqual({ web: { a: 1, b: 0 } });
    expect(await readToEnd(await open(rig.port('8080/tcp')))).toBe('b');
    old.end('2');
    expect(await readToEnd(old)).toBe('2');
    await expect.poll(async () => (await status(rig)).open).toEqual({ web: { b: 1 } });
  });
});

describe('a replica with a check', () => {
  const check = { port: 1, path: '/health', interval: 20, timeout: 1000, retries: 2, successThreshold: 2 };

  /** A server that says its name, and is well or not as `sick` says. */
  const named = (name: string, sick: Set<string>) =>
    httpServer(({ url }, response) => {
      response.statusCode = url === '/health' && sick.has(name) ? 500 : 200;
      response.end(name);
    });

  /** The answers to ten connections. */
  async function answers(rig: EdgeRig): Promise<string> {
    const got: string[] = [];
    for (let count = 0; count < 10; count += 1) {
      const socket = await open(rig.port('8080/tcp'));
      socket.end('GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n');
      got.push((await readToEnd(socket)).slice(-1));
    }
    return [...new Set(got)].sort().join('');
  }

  it('that no longer answers well gets no new connections until it does, and one of two that do not is better than none', async () => {
    const [sick, told] = [new Set<string>(), [] as string[]];
    await using a = await named('a', sick);
    await using b = await named('b', sick);
    await using rig = await edgeRig({
      document: { routes: route, names: { web: 'web.net' }, checks: { web: check } },
      lookUp: async () => ['a', 'b'],
      outside: { 'a:1': a.port, 'b:1': b.port },
      tell: (message) => told.push(message),
    });
    expect(await answers(rig)).toBe('ab');

    sick.add('a');
    await expect.poll(async () => (await status(rig)).unwell).toEqual({ web: ['a'] });
    expect(told).toEqual(['web: a gets no new connections: GET /health answered 500']);
    expect(await answers(rig)).toBe('b');

    sick.add('b');
    await expect.poll(async () => (await status(rig)).unwell).toEqual({ web: ['a', 'b'] });
    expect(await answers(rig)).toBe('ab');

    sick.clear();
    await expect.poll(async () => (await status(rig)).unwell).toEqual({ web: [] });
    expect(told.slice(-2).sort()).toEqual(['web: a gets connections again', 'web: b gets connections again']);
  });

  it('that was told by itself is asked at its own port, and keeps the connections that it has', async () => {
    let isSick = false;
    await using echo = await tcpServer((socket) => socket.pipe(socket));
    await using health = await httpServer((_, response) => {
      response.statusCode = isSick ? 503 : 200;
      response.end();
    });
    await using b = await tcpServer(says('b'));
    const a = { ...at('a'), ports: { '1/tcp': 1, '9/tcp': 2 }, check: { ...check, port: 9 } };
    await using rig = await edgeRig({
      document: { routes: route, targets: { web: { a, b: at('b') } } },
      outside: { 'a:1': echo.port, 'a:2': health.port, 'b:1': b.port },
    });
    const kept = await eventuallyOn(rig, 'kept');
    isSick = true;
    await expect.poll(async () => (await status(rig)).unwell).toEqual({ web: ['a'] });
    for (let count = 0; count < 3; count += 1) expect(await readToEnd(await open(rig.port('8080/tcp')))).toBe('b');
    kept.end(' on');
    expect(await readToEnd(kept)).toBe(' on');
  });

  it('at a port that only its machine knows is not asked', async () => {
    await using echo = await tcpServer((socket) => socket.pipe(socket));
    const a = { ...at('a'), ports: { '1/tcp': 1 }, check: { ...check, port: 9 } };
    await using rig = await edgeRig({
      document: { routes: route, targets: { web: { a } } },
      outside: { 'a:1': echo.port },
    });
    await eventuallyOn(rig, 'there');
    expect(rig.dialled).not.toContain('a:9');
  });
});

/** A connection to the replica that sends back what it is sent. */
async function eventuallyOn(rig: EdgeRig, word: string): Promise<Socket> {
  for (;;) {
    const socket = await open(rig.port('8080/tcp'));
    socket.write(word);
    if ((await readUntil(socket, new RegExp(`b|${word}`))) === word) return socket;
    socket.destroy();
  }
}

describe('datagrams from outside', () => {
  it('of one sender go to one replica and come back, and are counted as one connection', async () => {
    const replica = createSocket('udp4');
    replica.on('message', (data, { port, address }) => replica.send(`echo ${data.toString()}`, port, address));
    replica.bind(0, '127.0.0.1');
    await once(replica, 'listening');
    const target = { routes: { '53/udp': { group: 'dns', port: 53 } } };
    const a = { ...at('127.0.0.1'), ports: { '53/udp': replica.address().port } };
    await using rig = await edgeRig({ document: { ...target, targets: { dns: { a } } } });
    const client = createSocket('udp4');
    for (const word of ['one', 'two']) {
      client.send(word, rig.port('53/udp'), '127.0.0.1');
      const [data] = (await once(client, 'message')) as [Buffer];
      expect(data.toString()).toBe(`echo ${word}`);
    }
    const { routes, open: held } = await status(rig);
    expect(routes['53/udp']).toEqual({ connections: 1, sent: 6, received: 16 });
    expect(held).toEqual({ dns: { a: 1 } });
    client.close();
    replica.close();
  });

  it('are forgotten after a while without any', async () => {
    const replica = createSocket('udp4');
    replica.bind(0, '127.0.0.1');
    await once(replica, 'listening');
    const target = { routes: { '53/udp': { group: 'dns', port: replica.address().port } } };
    await using rig = await edgeRig({ udpIdle: 50, document: { ...target, targets: { dns: { a: at('127.0.0.1') } } } });
    const client = createSocket('udp4');
    client.send('one', rig.port('53/udp'), '127.0.0.1');
    await once(replica, 'message');
    await expect.poll(async () => (await status(rig)).open).toEqual({ dns: { a: 0 } });
    client.close();
    replica.close();
  });
});

async function status(rig: EdgeRig) {
  const answer = await rig.edge.handle({ op: 'status' });
  if (!answer.ok) throw new Error(answer.message);
  return answer.status;
}
