import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { Edge, type EdgeOptions } from '../../src/edge/edge.ts';
import { connectTo } from '../../src/edge/connect.ts';
import { emptyDocument } from '../../src/edge/store.ts';
import type { EdgeDecision, EdgeDocument } from '../../src/model/edge.ts';

/** The address that the agent `web` comes from; everybody else is outside. */
export const agentAddress = '127.0.0.2';

/** An edge on the loopback with an outside of the test's own making. */
export interface EdgeRig extends AsyncDisposable {
  readonly edge: Edge;
  readonly audit: readonly EdgeDecision[];
  /** What the edge connected to, `93.184.216.34:443`. */
  readonly dialled: readonly string[];
  /** Every document it kept, the last one last. */
  readonly kept: readonly EdgeDocument[];
  /** The real port behind `8080/tcp`. */
  port(key: string): number;
}

/** What a rig is made of besides the edge's own options. */
export interface RigOptions extends Partial<EdgeOptions> {
  readonly document?: Partial<EdgeDocument>;
  /** Name → addresses. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
  /** `93.184.216.34:443` → the real port on the loopback. */
  readonly outside?: Readonly<Record<string, number>>;
}

/** An edge that has been pushed a document. */
export async function edgeRig({ document = {}, names = {}, outside = {}, ...rest }: RigOptions): Promise<EdgeRig> {
  const audit: EdgeDecision[] = [];
  const dialled: string[] = [];
  const kept: EdgeDocument[] = [];
  const edge = new Edge({
    store: { load: async () => kept.at(-1) ?? emptyDocument, save: async (saved) => void kept.push(saved) },
    audit: (decision) => audit.push(decision),
    host: '127.0.0.1',
    bind: () => 0,
    resolve: async (host) => names[host] ?? [],
    dial: async (host, port) => {
      dialled.push(`${host}:${String(port)}`);
      const real = outside[`${host}:${String(port)}`];
      return host === '127.0.0.1' || real !== undefined ? connectTo('127.0.0.1', real ?? port) : undefined;
    },
    own: () => ['10.9.0.2'],
    ...rest,
  });
  const answer = await edge.handle({ op: 'push', document: { ...emptyDocument, ...document } });
  if (!answer.ok) throw new Error(answer.message);
  return {
    edge,
    audit,
    dialled,
    kept,
    port: (key) => edge.portOf(key) ?? 0,
    [Symbol.asyncDispose]: () => edge[Symbol.asyncDispose](),
  };
}

/** A server on the loopback that dies with the test, and its port. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
}

/** A TCP server for one handler; connections may be half-open. */
export function tcpServer(handle: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    handle(socket);
  });
  server.on('connection', (socket) => sockets.add(socket));
  return listening(server, () => sockets.forEach((socket) => socket.destroy()));
}

/** A plain HTTP server. */
export function httpServer(handle: RequestListener): Promise<Listening> {
  const server = createHttpServer(handle);
  return listening(server, () => server.closeAllConnections());
}

/** A certificate for some names. */
export async function certificateFor(...names: readonly string[]): Promise<{ key: string; cert: string }> {
  const made = await generate([{ name: 'commonName', value: names[0] ?? 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) }],
  });
  return { key: made.private, cert: made.cert };
}

/** A TLS server that answers every line with `text` before it. */
export function tlsServer(certificate: { key: string; cert: string }, text: string): Promise<Listening> {
  const server = createTlsServer(certificate, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => socket.write(`${text} ${data.toString()}`));
  });
  return listening(server, () => undefined);
}

async function listening(server: Server, close: () => void): Promise<Listening> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      close();
    },
  };
}

/** A connection as the agent `web` makes it. */
export async function asAgent(port: number): Promise<Socket> {
  return open(port, agentAddress);
}

/** A connection from outside. */
export async function open(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress, allowHalfOpen: true });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  return socket;
}

/** Everything that comes until the other end is done, which may be by a reset. */
export function readToEnd(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    if (socket.destroyed) resolve(text);
    socket.on('data', (data: Buffer) => (text += data.toString()));
    socket.once('end', () => resolve(text)).once('close', () => resolve(text));
  });
}

/** What comes until `pattern` is in it, or the end. */
export function readUntil(socket: Socket, pattern: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const onData = (data: Buffer): void => {
      text += data.toString();
      if (pattern.test(text)) settle();
    };
    const settle = (): void => {
      socket.off('data', onData).off('end', settle).off('close', settle);
      resolve(text);
    };
    socket.on('data', onData).once('end', settle).once('close', settle);
  });
}

/** Says one line over TLS through a connection that is there; `undefined` where the handshake fails. */
export async function sayOverTls(socket: Socket, servername: string, line = 'hello'): Promise<string | undefined> {
  const secure: TLSSocket = connectTls({ socket, servername, rejectUnauthorized: false });
  return new Promise((resolve) => {
    secure.once('secureConnect', () => secure.write(`${line}\n`));
    secure.once('data', (data: Buffer) => {
      resolve(data.toString().trim());
      secure.destroy();
    });
    secure.once('error', () => resolve(undefined)).once('close', () => resolve(undefined));
  });
}

/** The first bytes of a handshake that Node's own client begins. */
export function helloOf(servername: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _, done) => {
        resolve(chunk);
        done();
      },
    });
    connectTls({ socket: wire, servername, rejectUnauthorized: false }).on('error', () => undefined);
  });
}
