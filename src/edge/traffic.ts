import type { Socket } from 'node:net';
import type { EdgeTraffic } from '../model/edge.ts';

/** Counts connections and their bytes by key, those that are still open included. */
export class Traffic {
  readonly #ended = new Map<string, EdgeTraffic>();
  readonly #open = new Map<Socket, string>();

  /** Counts a connection from its start to its end, both ends of which are the near one's. */
  follow(key: string, near: Socket): void {
    this.add(key, { connections: 1, sent: 0, received: 0 });
    this.#open.set(near, key);
    near.once('close', () => {
      this.#open.delete(near);
      this.add(key, bytesOf(near));
    });
  }

  /** Adds to the counters of a key. */
  add(key: string, more: EdgeTraffic): void {
    this.#ended.set(key, sum(this.#ended.get(key) ?? nothing, more));
  }

  /** The counters of a key so far. */
  of(key: string): EdgeTraffic {
    return [...this.#open]
      .filter(([, owner]) => owner === key)
      .reduce((total, [socket]) => sum(total, bytesOf(socket)), this.#ended.get(key) ?? nothing);
  }
}

const nothing: EdgeTraffic = { connections: 0, sent: 0, received: 0 };

function bytesOf(socket: Socket): EdgeTraffic {
  return { connections: 0, sent: socket.bytesRead, received: socket.bytesWritten };
}

function sum(left: EdgeTraffic, right: EdgeTraffic): EdgeTraffic {
  return {
    connections: left.connections + right.connections,
    sent: left.sent + right.sent,
    received: left.received + right.received,
  };
}
