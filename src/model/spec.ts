import type { Json, JsonObject } from '../util/json.ts';
import type { ValueReference } from './reference.ts';

/**
 * What an agent asks of the thing that runs it, in the words of the manifest, the same for every driver: `compile`
 * writes it and `observe` reads it back from what runs, so that the two compare field by field. Lists are keyed by
 * name. A field that can change in place is always written, `null` meaning "no limit"; others are left out when the
 * manifest says nothing, so that what an image provides is no drift. It is JSON: `toJson` proves it.
 */
export interface AgentSpec {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  /** Absolute in a container; relative to the project root for a local process. */
  readonly workingDir?: string;
  /** Variable → literal, or the reference its value is read from. */
  readonly environment: Readonly<Record<string, string | ValueReference>>;
  /** Name → a secret that is handed over as a file. */
  readonly secrets?: Readonly<Record<string, SecretFileSpec>>;
  /** `8080/tcp` → where it is published. */
  readonly ports: Readonly<Record<string, PortSpec>>;
  /** Absolute target → what is mounted there. */
  readonly volumes: Readonly<Record<string, VolumeSpec>>;
  readonly healthCheck?: HealthCheck;
  readonly resources: {
    readonly limits: ResourceLimits;
    readonly requests?: { readonly cpu?: number; readonly memory?: number };
  };
  readonly restartPolicy: RestartPolicySpec;
  readonly labels: Readonly<Record<string, string>>;
  readonly network?: NetworkAttachment;
  readonly security?: SecuritySpec;
  readonly stop: { readonly signal: string; readonly gracePeriod: number };
  readonly init?: boolean;
  readonly logging: { readonly maxSize: number; readonly maxFiles: number };
  /** Only of what `aac run` started, where it was asked for. */
  readonly console?: ConsoleSpec;
}

/**
 * What an agent has for its standard streams. `attached` input ends with the one who started it, `open` input never;
 * without either it is empty.
 */
export interface ConsoleSpec {
  readonly stdin: 'none' | 'open' | 'attached';
  readonly tty: boolean;
}

/**
 * A published port. `host` is a port number, a range `8080-8089` of which replica i takes the i-th, or 0 for any free
 * one. In the spec of a replica it is never a range.
 */
export interface PortSpec {
  readonly host: number | string;
  readonly hostIp: string;
}

/** A secret as a file that only the agent's user can read; a local process finds it by its name instead. */
export interface SecretFileSpec {
  readonly reference: ValueReference;
  readonly mountPath?: string;
}

/**
 * A mount. `source` of a bind is a path: absolute, or relative to the project root and then begun with `./` or `../`;
 * of a volume, the name of a named volume of the project; of a configmap or secret,
 * its name in the project's source.
 */
export interface VolumeSpec {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'configmap' | 'secret';
  readonly source?: string;
  readonly readOnly: boolean;
  /** Bytes. */
  readonly size?: number;
  /** Bind only: make the source when it does not exist. */
  readonly create?: boolean;
  /** Configmap and secret only: the files below the target, each a key. */
  readonly keys?: Readonly<Record<string, ValueReference>>;
}

/**
 * How an agent is connected. `name` is a network of the project, or `host` or `none`, which name no network; `external`
 * where the network is somebody else's. What the manifest does not say is left out.
 */
export interface NetworkAttachment {
  readonly name: string;
  readonly external?: boolean;
  readonly aliases: readonly string[];
  /** Further networks of the edge, by name. */
  readonly also?: Readonly<Record<string, Pick<NetworkAttachment, 'name' | 'external' | 'aliases'>>>;
  readonly dns?: readonly string[];
  readonly dnsSearch?: readonly string[];
  /** Host name → address, or `host-gateway`. */
  readonly extraHosts?: Readonly<Record<string, string>>;
}

/** What the agent's process may do. Capabilities are without `CAP_` and in order. */
export interface SecuritySpec {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: boolean;
  readonly readOnlyRootFilesystem: boolean;
  readonly capabilities: { readonly add: readonly string[]; readonly drop: readonly string[] };
  readonly noNewPrivileges: boolean;
  readonly seccompProfile?: SeccompProfile;
}

/** The engine's own profile, none, or a file: its path and the hash of the JSON in it. */
export type SeccompProfile = 'default' | 'unconfined' | { readonly path: string; readonly sha256: string };

/** Limits: `cpu` in nano-cores (1e9 is one core), `memory` in bytes, `pids` a count; `null` is no limit. */
export interface ResourceLimits {
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly pids: number | null;
  /** Bytes that the container's own file system may grow by. */
  readonly ephemeralStorage?: number;
}

/** `maxRetries` counts only with `on-failure`; 0 is no bound. */
export interface RestartPolicySpec {
  readonly name: 'always' | 'on-failure' | 'never';
  readonly maxRetries: number;
}

/** How to ask an agent whether it is well. Durations are milliseconds. */
export type HealthCheck = HealthCheckTiming &
  (
    | { readonly type: 'command'; readonly command: readonly string[] }
    | { readonly type: 'http'; readonly port: number; readonly path: string }
    | { readonly type: 'tcp'; readonly port: number }
    | { readonly type: 'file'; readonly path: string }
  );

/** When a check runs and how many results in a row decide. */
export interface HealthCheckTiming {
  readonly interval: number;
  /** Between two checks while the agent has not been healthy yet. */
  readonly startInterval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly startPeriod: number;
  readonly successThreshold: number;
  readonly onUnhealthy: 'restart' | 'none';
}

/** A network of the project. */
export interface NetworkSpec {
  readonly internal: boolean;
  /** Not even the engine's machine has an address on it. */
  readonly isolated?: boolean;
}

/** A named volume of the project; it has no fields yet. */
export type NamedVolumeSpec = Readonly<Record<string, never>>;

/** A spec as the JSON that is diffed, hashed and recorded. */
export function toJson(spec: AgentSpec | NetworkSpec | NamedVolumeSpec): JsonObject {
  return spec as unknown as Json as JsonObject;
}

/** A recorded or planned agent spec, read back. Only for JSON that `toJson` made. */
export function toAgentSpec(spec: JsonObject): AgentSpec {
  return spec as unknown as AgentSpec;
}
