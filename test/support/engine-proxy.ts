import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';

/** A request as the engine sees it. */
export interface EngineRequest {
  /** Counted from 1, in the order in which they arrive. */
  readonly number: number;
  readonly method: string;
  /** With the query, without the API version: `/containers/json?all=true`. */
  readonly path: string;
}

/**
 * What becomes of a request. `swallow` accepts it and never answers; the engine does not see it. `mute` never answers
 * either, but has the engine do it. A status answers for the engine, which does not see it. `then` passes the request on, and calls back once the engine has done it and
 * before anybody learns of that.
 */
export type Treatment =
  | 'pass'
  | 'swallow'
  | 'mute'
  | { readonly status: number; readonly message: string }
  | { readonly then: (request: EngineRequest) => void };

/** Stands between aac and an engine, on a socket of its own. */
export interface EngineProxy extends AsyncDisposable {
  /** What DOCKER_HOST is to say. */
  readonly host: string;
  /** All requests so far. */
  readonly requests: readonly EngineRequest[];
  /** Asked for every request from now on; `pass` for all unless told. */
  treat(treatment: (request: EngineRequest) => Treatment): void;
  /** Resolves when the engine has answered all that was passed on, whether anybody still waits for it or not. */
  settled(): Promise<void>;
  /** Goes away, as an engine that is stopped: open connections break off, new ones are refused. */
  stop(): Promise<void>;
  /** Is back after {@link stop}, at the same address. */
  start(): Promise<void>;
}

/** The proxies that stand, by their host. */
const standing = new Map<string, EngineProxy>();

/** The proxy that DOCKER_HOST names, if it is one of this process. */
export function proxyAt(host: string): EngineProxy | undefined {
  return standing.get(host);
}

/** Whether a request changes nothing. */
export function isReading({ method }: EngineRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/**
 * Listens on a unix socket and passes everything on to the engine at `upstream`, a `unix://` address: bodies are streamed,
 * upgraded connections (exec, attach) stay open. A client that goes away does not call back what it has asked for.
 */
export async function createEngineProxy(upstream: string): Promise<EngineProxy> {
  const engine = upstream.replace(/^unix:\/\//, '');
  const folder = mkdtempSync(join(tmpdir(), 'aac-proxy-'));
  const socketPath = join(folder, 'docker.sock');
  const requests: EngineRequest[] = [];
  const sockets = new Set<Duplex>();
  const pending = new Set<Promise<void>>();
  let treat: (request: EngineRequest) => Treatment = () => 'pass';

  const judge = (incoming: IncomingMessage): { readonly request: EngineRequest; readonly treatment: Treatment } => {
    const { method = 'GET', url = '/' } = incoming;
    const request = { number: requests.length + 1, method, path: url.replace(/^\/v\d+\.\d+(?=\/)/, '') };
    requests.push(request);
    return { request, treatment: treat(request) };
  };

  const server = createServer((incoming, response) => {
    const { request, treatment } = judge(incoming);
    incoming.on('error', ignore);
    response.on('error', ignore);
    if (treatment === 'swallow') {
      incoming.resume();
      return;
    }
    if (typeof treatment === 'object' && 'status' in treatment) {
      incoming.resume();
      response.writeHead(treatment.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: treatment.message }));
      return;
    }
    const answered = passOn(engine, incoming, treatment === 'mute' ? undefined : response, () => {
      if (typeof treatment === 'object') treatment.then(request);
    });
    pending.add(answered);
    void answered.finally(() => pending.delete(answered));
  });
  server.on('upgrade', (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    client.on('error', ignore);
    const { request, treatment } = judge(incoming);
    if (treatment === 'swallow' || treatment === 'mute') return;
    if (typeof treatment === 'object' && 'status' in treatment) {
      client.end(`HTTP/1.1 ${String(treatment.status)} refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    if (typeof treatment === 'object') treatment.then(request);
    sockets.add(splice(engine, incoming, client, head));
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, resolve);
    });
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await start();

  const proxy: EngineProxy = {
    host: `unix://${socketPath}`,
    requests,
    treat: (next) => {
      treat = next;
    },
    settled: async () => {
      while (pending.size > 0) await Promise.all(pending);
    },
    start,
    stop,
    [Symbol.asyncDispose]: async () => {
      standing.delete(proxy.host);
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  standing.set(proxy.host, proxy);
  return proxy;
}

/** Resolves when the engine has answered whole; `answered` is called as soon as its answer begins. */
function passOn(
  upstream: string,
  incoming: IncomingMessage,
  response: ServerResponse | undefined,
  answered: () => void,
): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = httpRequest({
      socketPath: upstream,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.headers,
      agent: false,
    });
    // A stream that goes on for as long as somebody listens (logs, events) ends with its listener.
    response?.once('close', () => {
      if (isReading({ number: 0, method: incoming.method ?? 'GET', path: '' })) outgoing.destroy();
    });
    outgoing.once('response', (answer) => {
      answered();
      answer.once('close', resolve);
      if (!response) {
        answer.resume();
        return;
      }
      response.writeHead(answer.statusCode ?? 502, withoutHop(answer.headers));
      response.flushHeaders();
      answer.on('error', () => response.destroy());
      answer.pipe(response);
      // Nobody may be left to read it: the engine's answer is then read for nothing, so that it ends.
      response.once('close', () => answer.resume());
    });
    outgoing.once('error', () => {
      response?.destroy();
      resolve();
    });
    incoming.pipe(outgoing);
  });
}

/** Joins a client to the engine byte by byte. */
function splice(upstream: string, incoming: IncomingMessage, client: Duplex, head: Buffer): Socket {
  const engine = connect(upstream);
  const pairs = incoming.rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [`${name}: ${incoming.rawHeaders[index + 1] ?? ''}`] : [],
  );
  engine.write([`${incoming.method ?? 'POST'} ${incoming.url ?? '/'} HTTP/1.1`, ...pairs, '', ''].join('\r\n'));
  engine.write(head);
  engine.on('error', () => client.destroy());
  client.once('close', () => engine.destroy());
  engine.pipe(client).pipe(engine);
  return engine;
}

/** Headers that are about one connection, which the other side makes anew. */
function withoutHop(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !['connection', 'keep-alive', 'transfer-encoding'].includes(name)),
  );
}

function ignore(): void {
  // the other side has gone away: so has whoever asked
}
