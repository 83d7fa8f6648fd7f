import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { certificateFor } from '../edge/rig.ts';
import { docker } from './engine-view.ts';

/**
 * The outside of a restricted agent: this very machine, as the engine's bridge reaches it, at an address that is private
 * and has to be declared so.
 */
export interface Outside extends AsyncDisposable {
  readonly host: string;
  /** `https`, with a certificate for `api.test` that is its own authority. */
  readonly tls: number;
  readonly certificate: string;
  /** At `/hold` it writes a dot now and then for as long as anybody listens. */
  readonly http: number;
  /** A name server that knows {@link host} for every name. */
  readonly dns: number;
  /** What it was asked for. */
  readonly asked: ReadonlySet<string>;
  /** What was asked at port 53 of the machine's loopback, where engines have been known to lead names of agents to. */
  readonly leaked: ReadonlySet<string>;
}

/** Opens the servers of the outside. */
export async function openOutside(): Promise<Outside> {
  const bridge = (await docker().getNetwork('bridge').inspect()) as { IPAM: { Config: { Gateway: string }[] } };
  const host = bridge.IPAM.Config[0]?.Gateway ?? '';
  const { key, cert } = await certificateFor('api.test');
  const secure = createTlsServer({ key, cert }, (_, response) => response.end('secure'));
  const plain = createServer((request, response) => {
    if (request.url === '/hold') setInterval(() => response.write('.'), 50).unref();
    else response.end('plain');
  });
  for (const server of [secure, plain]) {
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
  }
  const portOf = (server: typeof plain | typeof secure) => (server.address() as AddressInfo).port;
  const names = await nameServer(host, 0, host); // answers have to come from where they were asked for
  const local = await nameServer('127.0.0.1', 53, host).catch(() => undefined); // where it is taken, or not for us
  return {
    host,
    tls: portOf(secure),
    certificate: cert,
    http: portOf(plain),
    dns: names.port,
    asked: names.asked,
    leaked: local?.asked ?? new Set(),
    [Symbol.asyncDispose]: async () => {
      for (const server of [secure, plain]) {
        server.closeAllConnections();
        server.close();
      }
      names.close();
      local?.close();
    },
  };
}

async function nameServer(at: string, port: number, address: string) {
  const socket = createSocket('udp4');
  const asked = new Set<string>();
  socket.on('message', (query, from) => {
    const { name, answer } = answerTo(query, address);
    asked.add(name);
    socket.send(answer, from.port, from.address);
  });
  socket.bind(port, at);
  await once(socket, 'listening');
  return { port: socket.address().port, asked, close: () => socket.close() };
}

/** The answer of a name server that knows one address for every name, and the name. */
function answerTo(query: Buffer, address: string): { readonly name: string; readonly answer: Buffer } {
  const labels: string[] = [];
  let end = 12;
  for (let length = query[end] ?? 0; length !== 0; length = query[end] ?? 0) {
    labels.push(query.subarray(end + 1, end + 1 + length).toString('latin1'));
    end += length + 1;
  }
  const question = query.subarray(12, end + 5);
  const isA = query.readUInt16BE(end + 1) === 1;
  const head = Buffer.concat([query.subarray(0, 2), Buffer.from([0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0])]);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]);
  return { name: labels.join('.'), answer: Buffer.concat([head, question, ...(isA ? [record] : [])]) };
}
