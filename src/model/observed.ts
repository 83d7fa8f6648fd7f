import type { JsonObject } from '../util/json.ts';
import type { Address, ResourceKind, TemplateAddress } from './address.ts';
import type { DriverName } from './agent.ts';
import type { SpecHash } from './desired.ts';
import type { FieldPath } from './field-path.ts';
import type { Health } from './health.ts';
import type { Fingerprint } from './reference.ts';
import type { Supervision } from './supervision.ts';

/** What is written beside or on a live object when it is made: the record that aac plans from. */
export interface AppliedRecord {
  readonly workspace: string;
  readonly address: Address;
  readonly specHash: SpecHash;
  readonly generation: number;
  readonly lastApplied: JsonObject;
  readonly fingerprints: Readonly<Record<FieldPath, Fingerprint>>;
  readonly dependsOn: readonly TemplateAddress[];
  readonly protect: boolean;
  /** The manifest, relative to `directory`. */
  readonly manifest: string;
  /** The absolute directory it was applied from. */
  readonly directory: string;
  readonly origin: 'manifest' | 'run';
}

/** Where an object is in its life. Networks and volumes only `exist`. */
export type Phase =
  | 'exists'
  | 'created'
  | 'running'
  | 'restarting'
  | 'paused'
  | 'exited'
  | 'removing'
  /** Beyond starting: has to be replaced. */
  | 'dead';

/** A live object that carries our record. */
export interface ObservedResource {
  readonly address: Address;
  readonly driver: DriverName;
  readonly kind: ResourceKind;
  /** The engine's id: of this very object, never of a successor with the same name. */
  readonly ref: string;
  readonly name: string;
  readonly record: AppliedRecord;
  /**
   * What is true now, in the shape of the recorded spec and only for the fields it declares. A referenced value that
   * still matches its fingerprint appears as the recorded reference, one that does not as `{ "from": "drifted" }`.
   */
  readonly live: JsonObject;
  readonly phase: Phase;
  readonly health: Health;
  /** Whether the names of the agent lead to it, too; absent where it has none. */
  readonly routed?: boolean;
  /** They do so until it stops: taking them away would cut off what it answers. */
  readonly keepsNames?: true;
  readonly exitCode?: number;
  /** Its end was asked for: aac stopped it. Drivers whose engine restarts by itself need not say. */
  readonly stopRequested?: true;
  /** The engine's own words about the state, such as why a start failed. */
  readonly detail?: string;
  readonly restarts: number;
  /** ISO 8601, UTC. */
  readonly startedAt?: string;
  readonly createdAt?: string;
  /** Id of the image it was made from. */
  readonly imageId?: string;
  /** What is really published: container port `8080/tcp`, and where. */
  readonly published: readonly PublishedPort[];
  /** Where an edge reaches it: its addresses on networks. Absent where it has none of its own. */
  readonly addresses?: readonly string[];
  /** How limits are enforced, where that is not a matter of course: `cgroup v1`, `watchdog`, `none`. */
  readonly enforcement?: string;
  /**
   * The journal knows every update in place of it, so `record.lastApplied` holds for fields that change in place too.
   * Drivers never set it.
   */
  readonly journaled?: boolean;
  /** What the supervisor remembers of this very life of it. Drivers never set it. */
  readonly supervision?: Supervision;
}

/** A port that answers on the host. */
export interface PublishedPort {
  readonly port: string;
  readonly host: number;
  readonly hostIp: string;
}

/** All live objects of a workspace, by address; more than one where a rollout was cut short or a driver changed. */
export interface ObservedState {
  readonly workspace: string;
  readonly resources: ReadonlyMap<Address, readonly ObservedResource[]>;
  readonly facts: ReadonlyMap<DriverName, Facts>;
}

/** What else a driver knows that planning depends on. */
export interface Facts {
  /** Image reference → id, or `null` when the image is absent; only for references that were asked for. */
  readonly images: ReadonlyMap<string, string | null>;
  /** Host ports that are taken, by ours too; `owner` is the address where it is ours. */
  readonly ports: readonly HeldPort[];
  /** Names that objects without our record hold: name → a few words on who. Keys are `<kind>/<name>`. */
  readonly foreignNames: ReadonlyMap<string, string>;
  /** Bind sources that were asked for and do not exist. */
  readonly missingPaths: ReadonlySet<string>;
  /** What else is known of the images that are there; absent where the driver has none. */
  readonly imageDetails?: ReadonlyMap<string, ImageFacts>;
  /** Networks of others that were asked for and do not exist. */
  readonly missingNetworks?: ReadonlySet<string>;
  /** How a container's own files are stored, and whether that can be bounded. */
  readonly storage?: { readonly driver: string; readonly bounded: boolean };
  /** `cpu` in nano-cores, `memory` in bytes. */
  readonly capacity?: { readonly cpu: number; readonly memory: number };
}

/** What a plan wants to know of an image besides its id. */
export interface ImageFacts {
  /** Whether it names no user, or root. */
  readonly runsAsRoot: boolean;
  /** `name@sha256:…`; absent for an image that was never in a registry. */
  readonly digest?: string;
}

/** A host port that somebody holds. */
export interface HeldPort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** `0.0.0.0` and `::` collide with every address. */
  readonly hostIp: string;
  /** A few words: `container web-1`, `process 4711 (node)`. */
  readonly holder: string;
  /** The engine id of the object that holds it, where it is ours. */
  readonly ref?: string;
}

/**
 * What the planner may hold against an object: SHA-256 over its declared live fields, its recorded hash and whether it
 * runs; nothing of ids, times or health, so that it is the same on another machine with the same content.
 */
export type Version = string;
