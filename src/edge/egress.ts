import type { Socket } from 'node:net';
import { type AllowedHost, type EdgeClient, type EdgeDecision, edgeProxy, type EdgeTrial } from '../model/edge.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { AddressPolicy } from './address-guard.ts';
import type { Caller } from './caller.ts';
import { collectHello, serverNameOf } from './client-hello.ts';
import { allowedAddress, allowedByName, type Wish } from './decide.ts';
import { HttpEgress } from './egress-http.ts';
import { hostAndPort, hostName } from './host-name.ts';
import { peek } from './peek.ts';
import type { Resolve } from './resolve.ts';
import { splice } from './splice.ts';

/** What egress needs of the edge around it. */
export interface EgressMeans {
  readonly resolve: Resolve;
  readonly dial: (host: string, port: number) => Promise<Socket | undefined>;
  readonly own: () => readonly string[];
  /** An entry for a private host may be the machine itself. */
  readonly machine: boolean;
  /** The networks of all agents. */
  readonly subnets: () => readonly string[];
  audit(decision: Omit<EdgeDecision, 'time'>): void;
  /** Milliseconds an agent has to say where it wants to go. */
  readonly patience: number;
}

/** A connection that was let out. */
export interface Passage {
  readonly caller: Caller;
  readonly wish: Wish;
  /** The address that was checked, or that of a sibling as it came. */
  readonly address: string | undefined;
}

/** How many connections of one agent may be undecided at once. */
const maxUndecided = 256;

/** Lets agents out to where they may go, and nowhere else. */
export class Egress {
  readonly #means: EgressMeans;
  readonly #http: HttpEgress;
  readonly #undecided = new Map<string, number>();
  readonly #passages = new Map<Socket, Passage>();

  constructor(means: EgressMeans) {
    this.#means = means;
    this.#http = new HttpEgress({
      patience: means.patience,
      admit: (caller, wish) => this.admit(caller, wish),
      dial: means.dial,
      allow: (far, passage) => this.#allow(far, passage),
      refuse: (caller, wish, reason) => this.#refuse(caller, wish, reason),
      tunnel: (caller, socket, target) => this.#tunnel(caller, socket, target),
    });
  }

  /** Serves one connection of an agent, whatever it speaks. */
  async serve(socket: Socket, caller: Caller): Promise<void> {
    socket.on('error', () => socket.destroy());
    const service = caller.client.services[String(caller.port)];
    if (service) return this.#call(socket, caller, service);
    const undecided = this.#undecided.get(caller.agent) ?? 0;
    if (undecided >= maxUndecided) {
      this.#deny(socket, caller, 'unknown', '', 'too many connections that do not say what they want');
      return;
    }
    this.#undecided.set(caller.agent, undecided + 1);
    const first = await peek(socket, this.#means.patience, (bytes) => ok(bytes[0]));
    const tls = first.ok && first.value === 0x16;
    const name = tls ? await this.#serverName(socket) : undefined;
    this.#undecided.set(caller.agent, (this.#undecided.get(caller.agent) ?? 1) - 1);
    if (!first.ok) return this.#deny(socket, caller, 'unknown', '', first.error);
    if (!name) return this.#http.serve(socket, caller);
    if (!name.ok) return this.#deny(socket, caller, 'tls', '', name.error);
    await this.#passTls(socket, caller, name.value);
  }

  /** Cuts what has been let out and would not be any more: the rules have changed. */
  review(): void {
    for (const [far, passage] of [...this.#passages]) if (!this.#isAllowed(passage)) far.destroy();
  }

  /** The address to connect to, checked; a refusal is written down, an admission by whoever finishes the decision. */
  async admit(caller: Caller, wish: Wish): Promise<Result<string, string>> {
    const judged = await this.#judge(caller.client, wish);
    return judged.ok ? ok(judged.value.address) : err(this.#refuse(caller, wish, judged.error));
  }

  /** What would come of a client's going to a host: connected to and left, not written down. */
  async trial(client: EdgeClient, wish: Pick<Wish, 'host' | 'port'>): Promise<EdgeTrial> {
    const service = client.services[String(wish.port)];
    if (service && isCalled(service.host, wish.host)) {
      const far = await this.#means.dial(service.host, service.port);
      const address = far?.remoteAddress;
      far?.destroy();
      return { verdict: 'allowed', reachable: far !== undefined, ...(address === undefined ? {} : { address }) };
    }
    const judged = await this.#judge(client, wish);
    if (!judged.ok) return { verdict: 'denied', reason: judged.error };
    const { address, rule } = judged.value;
    const far = await this.#means.dial(address, wish.port);
    far?.destroy();
    return { verdict: 'allowed', reachable: far !== undefined, address, rule };
  }

  /** The address that a wish leads to, checked, and the rule that allows it; or why it is refused. */
  async #judge(
    client: EdgeClient,
    wish: Pick<Wish, 'host' | 'port'>,
  ): Promise<Result<{ readonly address: string; readonly rule: AllowedHost }, string>> {
    const named = allowedByName(client, wish);
    if (!named.ok) return err(named.reason);
    const { name, rule } = named;
    const addressed = allowedAddress(await this.#means.resolve(name), this.#policyOf(rule));
    return addressed.ok ? ok({ address: addressed.address, rule }) : err(addressed.reason);
  }

  /** A sibling that the agent calls by name: as it comes, since it is inside. */
  async #call(socket: Socket, caller: Caller, service: { host: string; port: number }): Promise<void> {
    const far = await this.#means.dial(service.host, service.port);
    if (!far) return this.#deny(socket, caller, 'service', service.host, 'does not answer');
    const wish: Wish = { via: 'service', host: service.host, port: service.port };
    this.#allow(far, { caller, wish, address: far.remoteAddress });
    await splice(socket, far);
  }

  async #passTls(socket: Socket, caller: Caller, host: string): Promise<void> {
    if (caller.port === edgeProxy.port) return this.#deny(socket, caller, 'tls', host, 'TLS on the port of the proxy');
    const wish: Wish = { via: 'tls', host, port: caller.port };
    const address = await this.admit(caller, wish);
    if (!address.ok) {
      socket.destroy();
      return;
    }
    const far = await this.#means.dial(address.value, wish.port);
    if (!far) return this.#deny(socket, caller, 'tls', host, 'does not answer');
    this.#allow(far, { caller, wish, address: address.value });
    await splice(socket, far);
  }

  /** After `CONNECT`: what comes through has to be TLS, to the very host that was asked for. */
  async #tunnel(caller: Caller, socket: Socket, { written, head }: { written: string; head: Buffer }): Promise<void> {
    const target = hostAndPort(written, 443);
    const wish: Wish = { via: 'connect', host: target?.host ?? written.slice(0, 253), port: target?.port ?? 0 };
    const address = await this.admit(caller, wish);
    if (!address.ok) {
      socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${address.error}\n`);
      return;
    }
    const far = await this.#means.dial(address.value, wish.port);
    if (!far) {
      this.#refuse(caller, wish, 'does not answer');
      socket.end(`HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n`);
      return;
    }
    far.on('error', () => far.destroy());
    if (head.length > 0) socket.unshift(head);
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    const name = await this.#serverName(socket);
    const reason = !name.ok ? name.error : hostName(name.value) === target?.host ? undefined : otherName(name.value);
    if (reason !== undefined) {
      this.#refuse(caller, wish, reason);
      far.destroy();
      socket.destroy();
      return;
    }
    this.#allow(far, { caller, wish, address: address.value });
    await splice(socket, far);
  }

  async #serverName(socket: Socket): Promise<Result<string, string>> {
    const hello = await peek(socket, this.#means.patience, collectHello);
    return hello.ok ? serverNameOf(hello.value) : hello;
  }

  #allow(far: Socket, passage: Passage): void {
    const { caller, wish, address } = passage;
    this.#means.audit({ agent: caller.agent, verdict: 'allowed', ...wish, ...(address ? { address } : {}) });
    this.#passages.set(far, passage);
    far.once('close', () => this.#passages.delete(far));
    if (!this.#isAllowed(passage)) far.destroy(); // the rules have changed while it was decided
  }

  #isAllowed({ caller, wish, address }: Passage): boolean {
    const { client, port } = caller;
    if (wish.via === 'service') {
      const service = client.services[String(port)];
      return service?.host === wish.host && service.port === wish.port;
    }
    const named = allowedByName(client, wish);
    if (!named.ok) return false;
    return address === undefined || allowedAddress([address], this.#policyOf(named.rule)).ok;
  }

  #policyOf(rule: AllowedHost): AddressPolicy {
    const { own, machine, subnets } = this.#means;
    return { private: rule.private === true, machine, own: own(), subnets: subnets() };
  }

  #refuse(caller: Caller, wish: Wish, reason: string): string {
    this.#means.audit({ agent: caller.agent, verdict: 'denied', ...wish, reason });
    return reason;
  }

  #deny(socket: Socket, caller: Caller, via: Wish['via'], host: string, reason: string): void {
    this.#refuse(caller, { via, host, port: caller.port }, reason);
    socket.destroy();
  }
}

/** Whether an agent calls a sibling so: by its own name, the first part of the one that the edge knows it by. */
function isCalled(known: string, host: string): boolean {
  const name = hostName(host);
  return name !== undefined && (known === name || known.startsWith(`${name}.`));
}

function otherName(name: string): string {
  return `the TLS handshake names another host, ${JSON.stringify(name.slice(0, 253))}`;
}
