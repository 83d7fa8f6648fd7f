import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Socket } from 'node:net';
import {
  edgeFormat,
  type EdgeAnswer,
  type EdgeClient,
  type EdgeDecision,
  type EdgeDocument,
  type EdgeRequest,
  type EdgeStatus,
} from '../model/edge.ts';
import { assertNever } from '../util/assert-never.ts';
import { inSubnet } from './address-guard.ts';
import type { Caller } from './caller.ts';
import { Checks } from './checks.ts';
import { forgottenTargets, withTarget } from './changes.ts';
import { connectTo } from './connect.ts';
import { Egress } from './egress.ts';
import { Ingress } from './ingress.ts';
import { Listeners } from './listeners.ts';
import { networksOf, ownAddresses } from './own-networks.ts';
import { Pool } from './pool.ts';
import { listeningKeys, portsOut } from './ports-out.ts';
import { Followed, type LookUp } from './follow.ts';
import { Replicas } from './replicas.ts';
import { lookUpHere, lookUpInside, resolveWith, type Resolve } from './resolve.ts';
import { statusOf } from './status.ts';
import { emptyDocument, type Store } from './store.ts';
import { Traffic } from './traffic.ts';
import { UdpForwarder } from './udp.ts';
import { Ways } from './ways.ts';

/** What an edge is made of; all but `store` and `audit` are for tests. */
export interface EdgeOptions {
  readonly store: Store;
  /** Takes one line for each decision about the way out. */
  audit(decision: EdgeDecision): void;
  /** Takes one line for whatever else somebody may want to know. */
  tell?(message: string): void;
  readonly host?: string;
  readonly bind?: (port: number) => number;
  readonly resolve?: Resolve;
  readonly dial?: (host: string, port: number) => Promise<Socket | undefined>;
  /** Addresses of names inside; by default the engine's. */
  readonly lookUp?: LookUp;
  readonly own?: () => readonly string[];
  /** Agents come through Unix sockets in this folder; the edge shares the network and the names of its machine. */
  readonly ways?: string;
  /** Milliseconds: an agent's to say where it wants to go, a UDP flow's to live without a datagram. */
  readonly patience?: number;
  readonly udpIdle?: number;
}

/** Milliseconds between two looks at the addresses of a name. */
const followEvery = 200;

/** What an agent may reach that the document does not know any more. */
const nowhere: EdgeClient = { subnets: [], allow: [], services: {} };

/** Milliseconds between two looks at a replica that drains. */
const drainTick = 50;

/**
 * Forwards what comes in to replicas, and lets agents out to where they may go. It knows nothing but its document, which
 * it keeps before it acts on it.
 */
export class Edge implements AsyncDisposable {
  readonly #options: EdgeOptions;
  readonly #listeners: Listeners;
  readonly #ways: Ways | undefined;
  readonly #pools = new Map<string, Pool>();
  readonly #traffic = new Traffic();
  readonly #denied = new Map<string, number>();
  readonly #sockets = new Set<Socket>();
  readonly #followed: Followed;
  readonly #replicas: Replicas;
  readonly #checks: Checks;
  readonly #ingress: Ingress;
  readonly #egress: Egress;
  #document = emptyDocument;
  #resolve: Resolve = resolveWith([]);
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: EdgeOptions) {
    this.#options = options;
    this.#followed = new Followed(options.lookUp ?? lookUpInside(), followEvery);
    this.#replicas = new Replicas(
      (name) => this.#followed.addresses(name),
      (group, id) => this.#pool(group).open(id),
    );
    const dial = (host: string, port: number) => (options.dial ?? connectTo)(host, port);
    this.#checks = new Checks({
      replicas: () => this.#groups().map((group) => [group, this.#replicas.of(this.#document, group)] as const),
      pool: (group) => this.#pool(group),
      dial,
      tell: (message) => options.tell?.(message),
    });
    this.#ingress = new Ingress({
      pool: (group) => this.#pool(group),
      targets: (group) => this.#replicas.of(this.#document, group),
      dial,
    });
    this.#egress = new Egress({
      resolve: (host) => (options.resolve ?? this.#resolve)(host),
      dial,
      own: options.own ?? (options.ways === undefined ? ownAddresses : () => []),
      machine: options.ways !== undefined,
      subnets: () => Object.values(this.#document.clients).flatMap((client) => this.#subnetsOf(client)),
      audit: (decision) => {
        if (decision.verdict === 'denied') {
          this.#denied.set(decision.agent, (this.#denied.get(decision.agent) ?? 0) + 1);
        }
        options.audit({ time: new Date().toISOString(), ...decision });
      },
      patience: options.patience ?? 10_000,
    });
    this.#ways =
      options.ways === undefined
        ? undefined
        : new Ways(options.ways, (agent, port, socket) => this.#acceptFrom(agent, port, socket));
    this.#listeners = new Listeners({
      host: (key) => options.host ?? this.#document.routes[key]?.hostIp ?? '0.0.0.0',
      bind: options.bind ?? ((port) => port),
      accept: (port, socket) => this.#accept(port, socket),
      receive: (key, socket) =>
        new UdpForwarder(socket, key, {
          pool: this.#pool(this.#document.routes[key]?.group ?? ''),
          traffic: this.#traffic,
          route: () => {
            const route = this.#document.routes[key];
            return route && { targets: this.#replicas.of(this.#document, route.group), port: route.port };
          },
          idle: options.udpIdle ?? 60_000,
        }),
    });
  }

  /** Goes on where it left off. */
  async start(): Promise<void> {
    await this.#become(await this.#options.store.load());
  }

  /** Carries one request out; requests that change something do so one after the other. */
  async handle(request: EdgeRequest): Promise<EdgeAnswer> {
    switch (request.op) {
      case 'push':
        if (request.document.formatVersion !== edgeFormat) {
          return { ok: false, message: `this edge reads format ${String(edgeFormat)}` };
        }
        await this.#change(() => request.document);
        break;
      case 'route':
        await this.#change((document) => withTarget(document, request, { host: request.host, state: 'ready' }));
        break;
      case 'drain':
        await this.#drain(request);
        break;
      case 'unroute':
        await this.#change((document) => withTarget(document, request, undefined));
        break;
      case 'test':
        return this.#test(request);
      case 'status':
        break;
      default:
        return assertNever(request);
    }
    return { ok: true, status: this.#status() };
  }

  /** Has these replicas and no others from now on; those of draining ones that nothing is owed on are let go. */
  async take(targets: EdgeDocument['targets']): Promise<void> {
    if (!isDeepStrictEqual(targets, this.#document.targets)) {
      await this.#change((document) => ({ ...document, targets }));
    }
    for (const [group, replicas] of Object.entries(targets)) {
      for (const [id, { state }] of Object.entries(replicas)) {
        if (state === 'draining') this.#ingress.endIdle(group, id);
      }
    }
  }

  /** Routes that could not be listened for, and why. */
  deaf(): readonly (readonly [string, string])[] {
    return Object.entries(this.#listeners.failures()).filter(([key]) => this.#document.routes[key]);
  }

  /** The port that is really bound for `8080/tcp`. */
  portOf(key: string): number | undefined {
    return this.#listeners.portOf(key);
  }

  /** Closes everything at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#changing;
    this.#checks[Symbol.dispose]();
    this.#followed[Symbol.dispose]();
    await this.#listeners.set(new Set());
    await this.#ways?.set(new Map());
    for (const socket of this.#sockets) socket.destroy();
  }

  async #test({ agent, ...wish }: Extract<EdgeRequest, { readonly op: 'test' }>): Promise<EdgeAnswer> {
    const { clients } = this.#document;
    const client = Object.hasOwn(clients, agent) ? clients[agent] : undefined;
    if (!client) return { ok: false, message: `this edge knows no agent \`${agent}\`` };
    const trial = await this.#egress.trial(client, wish);
    return { ok: true, status: this.#status(), trial };
  }

  async #drain({ group, id, timeout }: Extract<EdgeRequest, { readonly op: 'drain' }>): Promise<void> {
    await this.#change((document) => {
      const target = document.targets[group]?.[id];
      return target ? withTarget(document, { group, id }, { ...target, state: 'draining' }) : document;
    });
    const deadline = Date.now() + timeout;
    while (Date.now() < deadline && this.#document.targets[group]?.[id]?.state === 'draining') {
      this.#ingress.endIdle(group, id);
      if (this.#pool(group).open(id) === 0) return;
      await delay(drainTick);
    }
  }

  #change(how: (document: EdgeDocument) => EdgeDocument): Promise<void> {
    const changed = this.#changing.then(async () => {
      const document = how(this.#document);
      if (document === this.#document) return;
      await this.#options.store.save(document);
      await this.#become(document);
    });
    this.#changing = changed.catch(() => undefined);
    return changed;
  }

  async #become(document: EdgeDocument): Promise<void> {
    const forgotten = forgottenTargets(this.#document, document);
    this.#document = document;
    this.#resolve = this.#ways && document.resolvers.length === 0 ? lookUpHere : resolveWith(document.resolvers);
    for (const { group, id } of forgotten) this.#ingress.cut(group, id);
    this.#egress.review();
    const here = Object.values(document.clients).flatMap((client) => client.here ?? []);
    await this.#followed.set([...Object.values(document.names), ...here]);
    if (!this.#ways) {
      await this.#listeners.set(listeningKeys(document));
      return;
    }
    await this.#listeners.set(new Set(Object.keys(document.routes)));
    await this.#ways.set(
      new Map(Object.entries(document.clients).map(([agent, client]) => [agent, portsOut(client)] as const)),
    );
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #acceptFrom(agent: string, port: number, socket: Socket): void {
    this.#keep(socket);
    if (this.#document.clients[agent]) this.#letOut(agent, port, socket);
    else socket.destroy();
  }

  #accept(port: number, socket: Socket): void {
    this.#keep(socket);
    const from = socket.remoteAddress ?? '';
    const entry = Object.entries(this.#document.clients).find(([, client]) =>
      this.#subnetsOf(client).some((subnet) => inSubnet(from, subnet)),
    );
    if (entry) {
      this.#letOut(entry[0], port, socket);
      return;
    }
    const key = `${String(port)}/tcp`;
    const route = this.#document.routes[key];
    if (!route) {
      socket.resetAndDestroy();
      return;
    }
    this.#traffic.follow(key, socket);
    void this.#ingress.forward(socket, route);
  }

  #letOut(agent: string, port: number, socket: Socket): void {
    const ruled = (): EdgeClient => this.#document.clients[agent] ?? nowhere;
    const caller: Caller = {
      agent,
      port,
      get client() {
        return ruled();
      },
    };
    this.#traffic.follow(`client ${agent}`, socket);
    void this.#egress.serve(socket, caller);
  }

  /** Whose connections are a client's: whoever is on the network that the edge has its name on. */
  #subnetsOf({ subnets, here }: EdgeClient): readonly string[] {
    const own = here === undefined ? [] : this.#followed.addresses(here);
    return own.length === 0 ? subnets : [...subnets, ...networksOf(own)];
  }

  /** All groups that it leads to. */
  #groups(): readonly string[] {
    return [...new Set([...Object.keys(this.#document.targets), ...Object.keys(this.#document.names)])];
  }

  #pool(group: string): Pool {
    const pool = this.#pools.get(group) ?? new Pool();
    this.#pools.set(group, pool);
    return pool;
  }

  #status(): EdgeStatus {
    return statusOf(this.#document, {
      groups: this.#groups(),
      traffic: (key) => this.#traffic.of(key),
      denied: (agent) => this.#denied.get(agent) ?? 0,
      replicas: (group) => Object.keys(this.#replicas.of(this.#document, group)),
      open: (group, id) => this.#pool(group).open(id),
      isWell: (group, id) => this.#pool(group).isWell(id),
      failures: this.#listeners.failures(),
    });
  }
}
