import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { EdgeRoute, EdgeTarget } from '../model/edge.ts';
import { closingResponse, speaksHttp } from './closing-responses.ts';
import type { Pool } from './pool.ts';
import { proxyHeader } from './proxy-header.ts';
import { reach, type Dial } from './reach.ts';
import { splice } from './splice.ts';

/** What forwarding needs of the edge around it. */
export interface IngressMeans {
  /** The replicas of a group by how busy they are. */
  pool(group: string): Pool;
  /** The replicas of a group as they are now. */
  readonly targets: (group: string) => Readonly<Record<string, EdgeTarget>>;
  readonly dial: Dial;
}

/** A connection that a replica holds. */
interface Held {
  readonly group: string;
  readonly id: string;
  readonly near: Socket;
  /** Milliseconds since the epoch. */
  lastByte: number;
  /** HTTP/1, and no answer is owed. */
  idle: boolean;
}

/** How long a connection of a draining replica may be idle before it is ended, in milliseconds. */
const idleFor = 2000;

/** How long a connection waits while no replica takes it, and between two tries, in milliseconds. */
const [patience, retryAfter] = [1000, 50];

/** Forwards connections to replicas, and lets go of replicas that drain. */
export class Ingress {
  readonly #means: IngressMeans;
  readonly #held = new Set<Held>();

  constructor(means: IngressMeans) {
    this.#means = means;
  }

  /** Forwards one connection to the first replica that takes it; ends it where none does for a while. */
  async forward(near: Socket, route: EdgeRoute): Promise<void> {
    near.on('error', () => near.destroy());
    const deadline = Date.now() + patience;
    while (!near.destroyed && !(await this.#offer(near, route))) {
      if (Date.now() >= deadline) near.resetAndDestroy();
      else await delay(retryAfter);
    }
  }

  /** Offers a connection to each replica in turn; whether one took it. Resolves when it has ended. */
  async #offer(near: Socket, route: EdgeRoute): Promise<boolean> {
    const { targets, dial } = this.#means;
    const pool = this.#means.pool(route.group);
    for (const { id, ...target } of pool.order(targets(route.group), Date.now())) {
      const release = pool.take(id);
      const far = await reach(target, route.port, dial);
      if (!far) {
        release();
        pool.doubt(id, Date.now());
        continue;
      }
      pool.trust(id);
      if (near.destroyed) far.destroy();
      else if (!(id in targets(route.group))) {
        release(); // it was taken away meanwhile
        far.destroy();
        continue;
      } else await this.#join({ near, far, route, id });
      release();
      return true;
    }
    return false;
  }

  /** Ends connections of a replica on which nothing has been said for a while and no answer is owed. */
  endIdle(group: string, id: string): void {
    for (const held of this.#heldBy(group, id)) {
      if (held.idle && Date.now() - held.lastByte >= idleFor) held.near.end();
    }
  }

  /** Cuts all connections of a replica. */
  cut(group: string, id: string): void {
    for (const { near } of this.#heldBy(group, id)) near.destroy();
  }

  #heldBy(group: string, id: string): readonly Held[] {
    return [...this.#held].filter((held) => held.group === group && held.id === id);
  }

  async #join({ near, far, route, id }: { near: Socket; far: Socket; route: EdgeRoute; id: string }): Promise<void> {
    const held: Held = { group: route.group, id, near, lastByte: Date.now(), idle: false };
    this.#held.add(held);
    if (route.proxyProtocol) far.write(proxyHeader(route.proxyProtocol, endsOf(near)));
    let http: boolean | undefined;
    near.on('data', (chunk: Buffer) => {
      http ??= speaksHttp(chunk);
      held.lastByte = Date.now();
      held.idle = false;
    });
    const draining = (): boolean => this.#means.targets(route.group)[id]?.state !== 'ready';
    await splice(near, far, (chunk) => {
      held.lastByte = Date.now();
      const first = http === true && !held.idle;
      if (http === true && !isInterim(chunk)) held.idle = true;
      return first && draining() ? closingResponse(chunk) : chunk;
    });
    this.#held.delete(held);
  }
}

function isInterim(chunk: Buffer): boolean {
  return /^HTTP\/1\.1 1\d\d/.test(chunk.subarray(0, 12).toString('latin1'));
}

function endsOf(near: Socket) {
  return {
    remoteAddress: near.remoteAddress ?? '0.0.0.0',
    remotePort: near.remotePort ?? 0,
    localAddress: near.localAddress ?? '0.0.0.0',
    localPort: near.localPort ?? 0,
  };
}
