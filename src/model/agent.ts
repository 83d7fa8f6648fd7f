import type { DeleteLimit } from './delete-limit.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { NotifiedEvent } from './notified-event.ts';
import type { AllowedHost } from './edge.ts';
import type { ProxyProtocol } from './port.ts';
import type { ValueReference } from './reference.ts';
import type { SourceMap, SourceRange } from './source.ts';
import type { ConsoleSpec, HealthCheck, PortSpec, RestartPolicySpec, SeccompProfile } from './spec.ts';

/** The name of a driver. */
export type DriverName = 'docker' | 'process' | 'kubernetes' | 'memory';

/** When a dependency counts as met. */
export type DependencyCondition = 'started' | 'healthy' | 'completed';

/**
 * One `kind: Agent`, resolved: defaults filled in, units parsed, references checked, nothing of any driver. It covers
 * every field of the manifest; what a driver makes of it is the driver's `compile`.
 */
export interface Agent {
  readonly name: string;
  /** What it was called before: what stands under these names is its own. */
  readonly previousNames?: readonly string[];
  readonly driver: DriverName;
  /** The manifest, relative to the project root. */
  readonly file: string;
  /** The manifest's folder relative to the project root, begun with `./`; `.` for the root itself. */
  readonly folder: string;
  readonly version?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly runtime?: { readonly language: 'python' | 'nodejs' | 'go' | 'rust' | 'java'; readonly version?: string };
  readonly model?: { readonly provider: string; readonly name: string };
  readonly image: string;
  readonly imagePullPolicy: 'IfNotPresent' | 'Always' | 'Never';
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly environment: Readonly<Record<string, string | ValueReference>>;
  readonly secrets: readonly SecretFile[];
  /** `8080/tcp` → where it is published. */
  readonly ports: Readonly<Record<string, PortSpec>>;
  /** `8080/tcp` → how the edge tells the agent who its clients are; beside the ports, as it is the edge's to do. */
  readonly proxyProtocols?: Readonly<Record<string, ProxyProtocol>>;
  readonly volumes: readonly VolumeMount[];
  readonly healthCheck?: HealthCheck;
  readonly resources: {
    readonly limits: AgentResources & { readonly pids?: number };
    readonly requests: AgentResources;
  };
  readonly network: AgentNetwork;
  readonly services: readonly ServiceLink[];
  readonly dependsOn: readonly AgentDependency[];
  readonly replicas: ReplicaRange;
  readonly security: SecurityContext;
  readonly restartPolicy: RestartPolicySpec;
  readonly stop: { readonly signal: string; readonly gracePeriod: number };
  readonly init: boolean;
  readonly deployment: Deployment;
  readonly logging: { readonly maxSize: number; readonly maxFiles: number };
  /** No manifest asks for it: `aac run` does. */
  readonly console?: ConsoleSpec;
  readonly lifecycle: {
    readonly protect: boolean;
    readonly ignoreDifferences: readonly string[];
    readonly bestEffort: readonly string[];
  };
  /**
   * The manifest's own names of all fields that were written, lists without indices and values without keys:
   * `command`, `volumes.size`, `security.runAsUser`. Each with where it was written. A driver refuses by these, at
   * their line, what it cannot honour; a default it cannot honour is its own affair.
   */
  readonly written: readonly WrittenField[];
  /** Spec field (`/environment/LOG_LEVEL`, `/ports/8080~1tcp/host`) → place; built lazily. */
  readonly source: SourceMap;
}

/** A field as it stands in the manifest: `name` in the manifest's words, its value as written where it is a scalar. */
export interface WrittenField {
  readonly name: string;
  readonly value?: string | number | boolean;
  /** Where it is written; worked out when it is asked for. */
  readonly range: () => SourceRange | undefined;
}

/** Cores in nano-cores, memory and storage in bytes; absent is unlimited. */
export interface AgentResources {
  readonly cpu?: number;
  readonly memory?: number;
  readonly ephemeralStorage?: number;
}

/** A secret that is handed over as a file. */
export interface SecretFile {
  readonly name: string;
  readonly reference: ValueReference;
  readonly mountPath: string;
  readonly env?: string;
}

/** A mount; `source` of a bind is absolute or relative to the project root (`./…`, `../…`). */
export type VolumeMount = { readonly target: string; readonly readOnly: boolean } & (
  | { readonly type: 'bind'; readonly source: string; readonly create: boolean }
  | { readonly type: 'volume'; readonly source: string }
  | { readonly type: 'tmpfs'; readonly size?: number }
  /** `keys` of the source, each a file; absent until they are listed. */
  | { readonly type: 'configmap' | 'secret'; readonly source: string; readonly keys?: readonly string[] }
);

/** Where the values of a project's secrets or configs come from. */
export type ValueSource =
  /** `<path>/<name>/<key>`, the path relative to the project root or absolute. */
  | { readonly from: 'files'; readonly path: string }
  /** Variables `AAC_SECRET_<NAME>_<KEY>` and `AAC_CONFIG_<NAME>_<KEY>`. */
  | { readonly from: 'env' }
  /** A program that prints a value, once for each key; `{name}` and `{key}` stand for the two. */
  | { readonly from: 'command'; readonly command: readonly string[] };

/** How the agent is connected. */
export interface AgentNetwork {
  readonly mode:
    | { readonly type: 'bridge' }
    | { readonly type: 'host' }
    | { readonly type: 'none' }
    | { readonly type: 'named'; readonly name: string };
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly aliases: readonly string[];
  readonly extraHosts: Readonly<Record<string, string>>;
  readonly allowExternalConnections: boolean;
  readonly allowedHosts: readonly AllowedHost[];
}

/** Something the agent calls. */
export interface ServiceLink {
  readonly name: string;
  readonly port?: number;
  readonly protocol?: string;
  readonly host?: string;
}

/** An edge to another agent. */
export interface AgentDependency {
  readonly agent: string;
  readonly condition: DependencyCondition;
}

/** How many replicas; `autoscaling` absent is a fixed `count`. */
export interface ReplicaRange {
  readonly count: number;
  readonly autoscaling?: {
    readonly min: number;
    readonly max: number;
    readonly targetCpuPercent?: number;
    readonly targetMemoryPercent?: number;
    readonly scaleUpDelay: number;
    readonly scaleDownDelay: number;
  };
}

/** What the agent's process may do. */
export interface SecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: boolean;
  readonly readOnlyRootFilesystem: boolean;
  readonly capabilities: { readonly add: readonly string[]; readonly drop: readonly string[] };
  readonly noNewPrivileges: boolean;
  readonly seccompProfile?: SeccompProfile;
}

/** How a new version takes the place of the old. Durations are milliseconds; `strategy` absent: the driver's choice. */
export interface Deployment {
  readonly strategy?: 'recreate' | 'rolling';
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  readonly minReadySeconds: number;
  readonly progressDeadline: number;
  readonly autoRollback: boolean;
}

/** What agents of one directory share. `root` is absolute; it never enters a spec, a label or a digest. */
export interface Project {
  readonly workspace: string;
  readonly scope: Scope;
  readonly root: string;
  readonly previousNames: readonly string[];
  readonly docker?: { readonly host: string };
  readonly secrets?: ValueSource;
  readonly configs?: ValueSource;
  /** Network name → how it is made. `default` is always there. */
  readonly networks: Readonly<Record<string, { readonly internal: boolean; readonly external: boolean }>>;
  readonly maxDelete?: DeleteLimit;
  /** `image` is what the edge is made from; absent: this machine's own Node. */
  readonly edge?: {
    readonly image?: string;
    /** The name servers that it asks, `address` or `address:port`; absent: those of this machine. */
    readonly dns?: readonly string[];
  };
  readonly quotas: { readonly cpu?: number; readonly memory?: number; readonly agents?: number };
  /** Where what is below `spec` is written; absent where no file describes the project. */
  readonly source?: SourceMap;
  readonly sync: {
    readonly resync?: string;
    readonly selfHeal: boolean;
    readonly prune: boolean;
    readonly windows: readonly SyncWindow[];
  };
  /** Whom a watch tells of what; `webhook` is a template with `${VAR}` in it, or an address. */
  readonly notify: readonly { readonly on: readonly NotifiedEvent[]; readonly webhook: string }[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * What may be pruned: a project owns its workspace whole; a directory without a project file owns only what was
 * applied from that same directory, an absolute path.
 */
export type Scope =
  { readonly type: 'project'; readonly directory: string } | { readonly type: 'directory'; readonly directory: string };

/**
 * When `aac watch` may make changes, or may not: from each time that a cron expression matches in a time zone (UTC
 * unless told) for `duration` milliseconds.
 */
export interface SyncWindow {
  readonly kind: 'allow' | 'deny';
  readonly schedule: string;
  readonly duration: number;
  readonly timeZone?: string;
}
