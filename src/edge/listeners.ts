import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { sortedEntries } from '../util/compare.ts';

/** What listens and what it is for: `8080/tcp`. */
export interface ListenerMeans {
  /** The address to bind for `8080/tcp`. */
  host(key: string): string;
  /** The port to bind for one that is asked for; a test binds any free one. */
  bind(port: number): number;
  accept(port: number, socket: Socket): void;
  /** Takes a bound UDP socket; what is returned closes it. */
  receive(key: string, socket: DatagramSocket): { close(): void };
}

interface Listener {
  readonly port: number;
  close(): void;
}

/** The ports an edge listens on, kept as they are to be. Connections that were accepted outlive their listener. */
export class Listeners {
  readonly #means: ListenerMeans;
  readonly #open = new Map<string, Listener>();
  readonly #failures = new Map<string, string>();

  constructor(means: ListenerMeans) {
    this.#means = means;
  }

  /** Opens what is missing and closes what is no longer wanted. */
  async set(wanted: ReadonlySet<string>): Promise<void> {
    for (const [key, listener] of [...this.#open]) {
      if (wanted.has(key)) continue;
      this.#open.delete(key);
      listener.close();
    }
    this.#failures.clear();
    for (const key of wanted) {
      if (this.#open.has(key)) continue;
      try {
        this.#open.set(key, await this.#listen(key));
      } catch (error) {
        this.#failures.set(key, (error as Error).message);
      }
    }
  }

  /** The port that is really bound for `8080/tcp`. */
  portOf(key: string): number | undefined {
    return this.#open.get(key)?.port;
  }

  /** What could not be listened on, and why. */
  failures(): Readonly<Record<string, string>> {
    return Object.fromEntries(sortedEntries(this.#failures));
  }

  async #listen(key: string): Promise<Listener> {
    const [port = 0, protocol] = splitKey(key);
    return protocol === 'udp' ? this.#listenUdp(key, port) : this.#listenTcp(key, port);
  }

  async #listenTcp(key: string, port: number): Promise<Listener> {
    const server: Server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true, pauseOnConnect: true });
    server.on('connection', (socket) => this.#means.accept(port, socket));
    server.listen({ host: this.#means.host(key), port: this.#means.bind(port), backlog: 1024 });
    await once(server, 'listening');
    const address = server.address();
    return {
      port: typeof address === 'object' ? (address?.port ?? 0) : 0,
      close: () => void server.close(),
    };
  }

  async #listenUdp(key: string, port: number): Promise<Listener> {
    const socket = createSocket('udp4');
    socket.bind(this.#means.bind(port), this.#means.host(key));
    await once(socket, 'listening');
    const receiver = this.#means.receive(key, socket);
    return { port: socket.address().port, close: () => receiver.close() };
  }
}

function splitKey(key: string): readonly [number, string] {
  const [port = '', protocol = ''] = key.split('/');
  return [Number(port), protocol];
}
