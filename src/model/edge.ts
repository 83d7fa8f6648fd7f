import type { ProxyProtocol } from './port.ts';

/** The format of {@link EdgeDocument}; an edge refuses a document of another one. */
export const edgeFormat = 1;

/** Where agents that know proxies find the edge: its alias on their network, and the port. */
export const edgeProxy = { host: 'egress', port: 3128 } as const;

/**
 * Where an edge that an engine keeps is given its document: as a variable when it is made, and from the first change on
 * in a file, which is what counts then.
 */
export const edgeGiven = {
  variable: 'AAC_EDGE_DOCUMENT',
  folder: '/var/lib/aac-edge',
  file: 'document.json',
} as const;

/** The ports that a host may be reached on where its entry names none: plain HTTP and TLS. */
export const defaultEgressPorts: readonly number[] = [80, 443];

/**
 * All that an edge knows: which ports it listens on, which replicas stand behind them, and what the agents on its
 * networks may reach. It is pushed whole, kept on disk and read again after a restart.
 */
export interface EdgeDocument {
  readonly formatVersion: typeof edgeFormat;
  /** The name servers that names of the outside are asked of: `address` or `address:port`, never the engine's own. */
  readonly resolvers: readonly string[];
  /** What it listens on, `8080/tcp`, and where that leads. */
  readonly routes: Readonly<Record<string, EdgeRoute>>;
  /** The name that a group's replicas share, such as `web.support-desk-default`: its addresses are the ready ones. */
  readonly names: Readonly<Record<string, string>>;
  /** The replicas of a group that are told one by one, by id. */
  readonly targets: Readonly<Record<string, Readonly<Record<string, EdgeTarget>>>>;
  /** How the replicas that are known by a name are asked whether they answer well, by group. */
  readonly checks?: Readonly<Record<string, EdgeCheck>>;
  /** The agents that reach the outside through it alone. */
  readonly clients: Readonly<Record<string, EdgeClient>>;
}

/** One listening port of an edge, and the port of the replicas it leads to. */
export interface EdgeRoute {
  readonly group: string;
  readonly port: number;
  /** The address that it listens on; absent: all. */
  readonly hostIp?: string;
  /** Tell the replica who the client is, by the PROXY protocol of this version. */
  readonly proxyProtocol?: ProxyProtocol;
}

/** One replica; a draining one keeps its connections and gets no new ones. */
export interface EdgeTarget {
  /** A name or address that the edge can connect to. */
  readonly host: string;
  readonly state: 'ready' | 'draining';
  /** The folder with a Unix socket for each of its ports, `80.sock`, where it is reached by no address. */
  readonly folder?: string;
  /** Where it has its ports at others: `80/tcp` → 40123. */
  readonly ports?: Readonly<Record<string, number>>;
  /** How it is asked whether it answers well; absent: it does as long as it takes connections. */
  readonly check?: EdgeCheck;
}

/** How an edge asks a replica whether it answers well, and how often in a row decides. Milliseconds. */
export interface EdgeCheck {
  readonly port: number;
  /** `GET` is answered with 2xx or 3xx there; absent: a connection is enough. */
  readonly path?: string;
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly successThreshold: number;
}

/** A replica as a file of its own tells an edge that reads its replicas from a folder; the file's name is the id. */
export interface EdgeTargetFile extends EdgeTarget {
  readonly group: string;
}

/** What a command is run with that has no network. Absolute folders. */
export interface InsideOrder {
  /** Where the edge has a Unix socket for each port that the command may want to go out by, `443.sock`. */
  readonly ways: string;
  /** Where the command's own ports are to be reached, a Unix socket each, and which these are. */
  readonly inward: string;
  readonly ports: readonly number[];
}

/**
 * What one agent may reach. It is known by the network it sits on, or the folder of sockets that it comes through, which
 * it shares with nobody but its replicas.
 */
export interface EdgeClient {
  /** In CIDR form; those of its network are found by `here` where that is given. */
  readonly subnets: readonly string[];
  /** The edge's own name on the agent's network. */
  readonly here?: string;
  readonly allow: readonly AllowedHost[];
  /** Port on which the agent calls a sibling → where the sibling is. */
  readonly services: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
}

/** A host that may be reached. `private` addresses are refused unless said otherwise. */
export interface AllowedHost {
  /** An exact name, or `*.domain` for every name below it. */
  readonly host: string;
  /** Absent: 80 and 443. */
  readonly port?: number;
  readonly private?: boolean;
}

/** What can be asked of a running edge over its control socket, one JSON object a request. */
export type EdgeRequest =
  /** Replaces everything. */
  | { readonly op: 'push'; readonly document: EdgeDocument }
  /** Adds a replica, or makes a draining one ready again. */
  | { readonly op: 'route'; readonly group: string; readonly id: string; readonly host: string }
  /** Sends it nothing new and answers once its connections have ended, or after `timeout` milliseconds. */
  | { readonly op: 'drain'; readonly group: string; readonly id: string; readonly timeout: number }
  /** Forgets a replica and cuts what it still has. */
  | { readonly op: 'unroute'; readonly group: string; readonly id: string }
  | { readonly op: 'status' }
  /** What would come of the agent's going to a host: decided, connected to, and left without a byte sent. */
  | { readonly op: 'test'; readonly agent: string; readonly host: string; readonly port: number };

/** The answer: the edge's state after the request, and what a `test` came to; or why the request was refused. */
export type EdgeAnswer =
  | { readonly ok: true; readonly status: EdgeStatus; readonly trial?: EdgeTrial }
  | { readonly ok: false; readonly message: string };

/** What would come of an agent's going to a host. No decision of the log and no counter tells of it. */
export type EdgeTrial =
  | { readonly verdict: 'denied'; readonly reason: string }
  | {
      readonly verdict: 'allowed';
      /** Whether a connection came about. */
      readonly reachable: boolean;
      /** What was connected to; absent for a sibling that did not answer. */
      readonly address?: string;
      /** The entry that allows it; absent for a sibling, which the agent declares as a service. */
      readonly rule?: AllowedHost;
    };

/** What an edge is doing. Counters run since it started. */
export interface EdgeStatus {
  readonly document: EdgeDocument;
  /** By route, `8080/tcp`; a UDP flow counts as a connection. */
  readonly routes: Readonly<Record<string, EdgeTraffic>>;
  /** Connections open now, by group and replica. */
  readonly open: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Replicas that do not answer well and get no new connections, by group. */
  readonly unwell: Readonly<Record<string, readonly string[]>>;
  readonly clients: Readonly<Record<string, EdgeTraffic & { readonly denied: number }>>;
  /** Ports that could not be listened on, and why. */
  readonly failures: Readonly<Record<string, string>>;
}

/** Counters. Bytes as seen by whoever connected. */
export interface EdgeTraffic {
  readonly connections: number;
  readonly sent: number;
  readonly received: number;
}

/** One decision of an edge about the way out, a line of its log. */
export interface EdgeDecision {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly agent: string;
  readonly verdict: 'allowed' | 'denied';
  readonly via: 'connect' | 'tls' | 'http' | 'service' | 'unknown';
  readonly host: string;
  readonly port: number;
  /** The address that was connected to. */
  readonly address?: string;
  readonly reason?: string;
}
