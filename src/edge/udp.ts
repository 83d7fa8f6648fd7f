import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { EdgeTarget } from '../model/edge.ts';
import type { Pool } from './pool.ts';
import type { Traffic } from './traffic.ts';

/** What UDP forwarding needs of the edge around it. */
export interface UdpMeans {
  readonly pool: Pool;
  readonly traffic: Traffic;
  /** The replicas and their port, as they are now. */
  route(): { readonly targets: Readonly<Record<string, EdgeTarget>>; readonly port: number } | undefined;
  /** Milliseconds after which a flow without a datagram is forgotten. */
  readonly idle: number;
}

interface Flow {
  readonly id: string;
  readonly socket: Socket;
  timer: NodeJS.Timeout;
}

/**
 * Forwards datagrams: those of one sender go to one replica, until the flow has been idle or the replica no longer takes
 * new ones. `close` ends all.
 */
export class UdpForwarder {
  readonly #listening: Socket;
  readonly #key: string;
  readonly #means: UdpMeans;
  readonly #flows = new Map<string, Flow>();

  constructor(listening: Socket, key: string, means: UdpMeans) {
    this.#listening = listening;
    this.#key = key;
    this.#means = means;
    listening.on('message', (data, sender) => this.#forward(data, sender));
  }

  close(): void {
    for (const key of [...this.#flows.keys()]) this.#end(key);
    this.#listening.close();
  }

  #forward(data: Buffer, sender: RemoteInfo): void {
    const route = this.#means.route();
    if (!route) return;
    const key = `${sender.address}:${String(sender.port)}`;
    const known = this.#flows.get(key);
    if (known && route.targets[known.id]?.state !== 'ready') this.#end(key);
    const flow = this.#flows.get(key) ?? this.#begin(key, sender, route.targets);
    const target = flow ? route.targets[flow.id] : undefined;
    if (!flow || !target) return;
    this.#means.traffic.add(this.#key, { connections: 0, sent: data.length, received: 0 });
    flow.timer.refresh();
    const port = target.ports?.[`${String(route.port)}/udp`] ?? route.port;
    flow.socket.send(data, port, target.host, (error) => {
      if (error) this.#end(key);
    });
  }

  #begin(key: string, sender: RemoteInfo, targets: Readonly<Record<string, EdgeTarget>>): Flow | undefined {
    const { pool, traffic, idle } = this.#means;
    const target = pool.order(targets, Date.now()).find(({ state }) => state === 'ready');
    if (!target) return undefined;
    const socket = createSocket('udp4');
    const release = pool.take(target.id);
    socket.on('message', (data) => {
      traffic.add(this.#key, { connections: 0, sent: 0, received: data.length });
      this.#flows.get(key)?.timer.refresh();
      this.#listening.send(data, sender.port, sender.address);
    });
    socket.on('error', () => this.#end(key));
    socket.once('close', release);
    traffic.add(this.#key, { connections: 1, sent: 0, received: 0 });
    const flow = { id: target.id, socket, timer: setTimeout(() => this.#end(key), idle) };
    this.#flows.set(key, flow);
    return flow;
  }

  #end(key: string): void {
    const flow = this.#flows.get(key);
    if (!flow) return;
    this.#flows.delete(key);
    clearTimeout(flow.timer);
    flow.socket.close();
  }
}
