import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { edgeProxy } from '../model/edge.ts';
import { type Result } from '../util/result.ts';
import type { Caller } from './caller.ts';
import type { Wish } from './decide.ts';
import { hostAndPort } from './host-name.ts';

/** What plain HTTP needs of the egress around it. */
export interface HttpEgressMeans {
  readonly patience: number;
  /** The address to connect to; a refusal has been written down already, and its reason is the error. */
  admit(caller: Caller, wish: Wish): Promise<Result<string, string>>;
  readonly dial: (host: string, port: number) => Promise<Socket | undefined>;
  allow(far: Socket, passage: { readonly caller: Caller; readonly wish: Wish; readonly address: string }): void;
  refuse(caller: Caller, wish: Wish, reason: string): string;
  tunnel(caller: Caller, socket: Socket, target: { written: string; head: Buffer }): Promise<void>;
}

/** Fields that are between two neighbours and not passed on. */
const hopByHop = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'proxy-authenticate', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'host'],
]);

/** Plain HTTP of agents: as to a proxy, or as to the host itself. Each request is decided on by itself. */
export class HttpEgress {
  readonly #means: HttpEgressMeans;
  readonly #callers = new WeakMap<Duplex, Caller>();
  readonly #server: Server;

  constructor(means: HttpEgressMeans) {
    this.#means = means;
    this.#server = createServer(
      { headersTimeout: means.patience, requestTimeout: 0, connectionsCheckingInterval: 1000 },
      (incoming, outgoing) => void this.#forward(incoming, outgoing),
    );
    this.#server.emit('listening'); // it is handed its connections, and else would not watch how long heads take
    this.#server.on('connect', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      const caller = this.#callers.get(socket);
      if (caller) void means.tunnel(caller, socket as Socket, { written: incoming.url ?? '', head });
      else socket.destroy();
    });
  }

  /** Serves one connection that speaks HTTP, or is refused as not speaking it. */
  serve(socket: Socket, caller: Caller): void {
    this.#callers.set(socket, caller);
    this.#server.emit('connection', socket);
    socket.resume();
  }

  async #forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const caller = this.#callers.get(incoming.socket);
    if (!caller) return void incoming.socket.destroy();
    const target = targetOf(incoming, caller.port);
    if ('reason' in target) {
      const wish: Wish = { via: 'http', host: target.host, port: caller.port };
      return answer(outgoing, 403, this.#means.refuse(caller, wish, target.reason));
    }
    const wish: Wish = { via: 'http', ...target };
    const address = await this.#means.admit(caller, wish);
    if (!address.ok) return answer(outgoing, 403, address.error);
    const far = await this.#means.dial(address.value, wish.port);
    if (!far) return answer(outgoing, 502, this.#means.refuse(caller, wish, 'does not answer'));
    this.#means.allow(far, { caller, wish, address: address.value });
    const onward = request({
      createConnection: () => far,
      method: incoming.method,
      path: target.path,
      headers: onwardHeaders(incoming, target),
      setHost: false,
    });
    onward.once('response', (response) => {
      const fields = rawFields(response).filter(([name]) => !hopByHop.has(name.toLowerCase()));
      outgoing.writeHead(response.statusCode ?? 502, response.statusMessage, fields.flat());
      response.pipe(outgoing);
      response.once('error', () => outgoing.destroy());
    });
    onward.once('error', () => {
      if (outgoing.headersSent) outgoing.destroy();
      else answer(outgoing, 502, 'the host broke the connection off');
    });
    outgoing.once('close', () => far.destroy());
    incoming.pipe(onward);
  }
}

/** Where a request wants to go, by its target and its Host, which have to say the same. */
function targetOf(
  { url = '', rawHeaders }: IncomingMessage,
  port: number,
): { readonly host: string; readonly port: number; readonly path: string } | { readonly host: string; reason: string } {
  const hosts = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'host');
  const written = hosts[0] ?? '';
  const shown = written.slice(0, 253);
  if (hosts.length !== 1) return { host: shown, reason: 'not exactly one Host' };
  const absolute = /^http:\/\/([^/?#]+)(.*)$/i.exec(url);
  if (!absolute) {
    if (!url.startsWith('/') && url !== '*') return { host: shown, reason: 'the request names no http:// address' };
    if (port === edgeProxy.port) return { host: shown, reason: 'not a request to a proxy' };
    const host = hostAndPort(written, port);
    if (host?.port !== port) return { host: shown, reason: 'Host names another port or no host name' };
    return { ...host, path: url };
  }
  const [, authority = '', path = ''] = absolute;
  const host = hostAndPort(authority, 80);
  const named = hostAndPort(written, 80);
  if (!host || !named) return { host: authority.slice(0, 253), reason: 'not a host name: addresses are not allowed' };
  if (host.host !== named.host || host.port !== named.port) {
    return { host: host.host, reason: `Host names another host, ${JSON.stringify(shown)}` };
  }
  return { ...host, path: path.startsWith('/') ? path : `/${path}` };
}

function onwardHeaders(incoming: IncomingMessage, { host, port }: { host: string; port: number }): string[] {
  const named = (incoming.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const kept = rawFields(incoming).filter(
    ([name]) => !hopByHop.has(name.toLowerCase()) && !named.includes(name.toLowerCase()),
  );
  const chunked = incoming.headers['transfer-encoding'] === undefined ? [] : ['Transfer-Encoding', 'chunked'];
  return [
    ...['Host', port === 80 ? host : `${host}:${String(port)}`, 'Connection', 'close'],
    ...chunked,
    ...kept.flat(),
  ];
}

function rawFields({ rawHeaders }: IncomingMessage): readonly (readonly [string, string])[] {
  return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : []));
}

function answer(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, { 'Content-Type': 'text/plain', Connection: 'close' });
  outgoing.end(`${text}\n`);
}
