import { mkdir, readdir, rm } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { openSocketFolder, type SocketFolder } from '../util/socket-folder.ts';
import { listenUnix, portSocket } from './unix.ts';

interface Way {
  readonly folder: SocketFolder;
  readonly servers: Map<number, Server>;
}

/**
 * The ways out of agents that have no network: for each a folder of its own, and in it a Unix socket for every port that
 * the agent may want to go out by. Who comes through it is known by the folder, which nobody else sees.
 */
export class Ways {
  readonly #root: string;
  readonly #accept: (agent: string, port: number, socket: Socket) => void;
  readonly #open = new Map<string, Way>();

  constructor(root: string, accept: (agent: string, port: number, socket: Socket) => void) {
    this.#root = root;
    this.#accept = accept;
  }

  /** Opens what is missing and closes what is no longer wanted: agent → ports. */
  async set(wanted: ReadonlyMap<string, readonly number[]>): Promise<void> {
    for (const agent of [...this.#open.keys()]) if (!wanted.has(agent)) await this.#close(agent, []);
    for (const [agent, ports] of wanted) {
      const way = this.#open.get(agent) ?? (await this.#make(agent));
      await this.#close(agent, ports);
      this.#open.set(agent, way);
      for (const port of ports) {
        if (way.servers.has(port)) continue;
        const accept = (socket: Socket): void => this.#accept(agent, port, socket);
        way.servers.set(port, await listenUnix(way.folder, portSocket(port), accept));
      }
    }
  }

  async #make(agent: string): Promise<Way> {
    const path = join(this.#root, agent);
    await mkdir(path, { recursive: true, mode: 0o700 });
    for (const left of await readdir(path)) await rm(join(path, left), { force: true });
    return { folder: await openSocketFolder(path), servers: new Map() };
  }

  /** Closes the sockets of an agent but for those of `kept`; with none left, its folder too. */
  async #close(agent: string, kept: readonly number[]): Promise<void> {
    const way = this.#open.get(agent);
    if (!way) return;
    for (const [port, server] of [...way.servers]) {
      if (kept.includes(port)) continue;
      way.servers.delete(port);
      server.close();
    }
    if (kept.length > 0) return;
    this.#open.delete(agent);
    await way.folder[Symbol.asyncDispose]();
  }
}
