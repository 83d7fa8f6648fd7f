/** The parts of the Engine API's answers that the driver reads; `null` where the engine writes null for empty. */

export type Labels = Readonly<Record<string, string>>;

export interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[] | null;
  readonly State: string;
  readonly Labels: Labels | null;
  readonly Ports:
    | readonly {
        readonly IP?: string;
        readonly PrivatePort: number;
        readonly PublicPort?: number;
        readonly Type: string;
      }[]
    | null;
}

export interface HealthConfig {
  readonly Test?: readonly string[] | null;
  /** Nanoseconds, as are the others. */
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly Retries?: number;
}

export interface HostResources {
  readonly NanoCpus?: number;
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly CpuShares?: number;
  readonly Memory?: number;
  readonly MemorySwap?: number;
  readonly MemoryReservation?: number;
  readonly PidsLimit?: number | null;
  readonly RestartPolicy?: { readonly Name: string; readonly MaximumRetryCount: number };
}

export interface PortBinding {
  readonly HostIp: string;
  readonly HostPort: string;
}

export interface ContainerDetails {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
  readonly Image: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Paused: boolean;
    readonly ExitCode: number;
    readonly Error: string;
    readonly OOMKilled?: boolean;
    readonly StartedAt: string;
    readonly Health?: { readonly Status: string } | null;
  };
  readonly Config: {
    readonly Image: string;
    readonly Env: readonly string[] | null;
    readonly Cmd: readonly string[] | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly WorkingDir: string;
    readonly Labels: Labels | null;
    readonly StopSignal?: string;
    /** Seconds. */
    readonly StopTimeout?: number | null;
    readonly Tty?: boolean;
    readonly Healthcheck?: HealthConfig | null;
  };
  readonly HostConfig: HostResources & {
    readonly PortBindings?: Readonly<Record<string, readonly PortBinding[] | null>> | null;
    readonly LogConfig?: { readonly Type: string; readonly Config?: Labels | null };
    readonly Init?: boolean | null;
  };
  readonly Mounts?:
    | readonly {
        readonly Type: string;
        readonly Name?: string;
        readonly Source: string;
        readonly Destination: string;
        readonly RW: boolean;
      }[]
    | null;
  readonly NetworkSettings: {
    readonly Ports?: Readonly<Record<string, readonly PortBinding[] | null>> | null;
    readonly Networks?: Readonly<Record<string, EndpointDetails>> | null;
  };
}

export interface EndpointDetails {
  readonly Aliases?: readonly string[] | null;
  readonly NetworkID: string;
  readonly IPAddress: string;
}

export interface NetworkDetails {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
  readonly Internal: boolean;
  readonly Labels: Labels | null;
  /** Only when one network is asked for. */
  readonly Containers?: Readonly<Record<string, { readonly Name: string }>> | null;
}

export interface VolumeDetails {
  readonly Name: string;
  readonly CreatedAt?: string;
  readonly Labels: Labels | null;
}

export interface EngineInfo {
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly ServerVersion: string;
}

export interface EventMessage {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly Attributes?: Labels | null };
}

/** The body of `POST /containers/create`. */
export interface ContainerConfig {
  readonly Image: string;
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly Env: readonly string[];
  readonly Labels: Labels;
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Healthcheck?: HealthConfig & { readonly StartInterval?: number };
  readonly StopSignal: string;
  readonly StopTimeout: number;
  readonly HostConfig: HostResources & {
    readonly Binds: readonly string[];
    readonly Mounts: readonly Mount[];
    readonly PortBindings: Readonly<Record<string, readonly PortBinding[]>>;
    readonly NetworkMode: string;
    readonly Init?: boolean;
    readonly LogConfig: { readonly Type: string; readonly Config: Labels };
    readonly SecurityOpt: readonly string[];
  };
  readonly NetworkingConfig?: {
    readonly EndpointsConfig: Readonly<Record<string, { readonly Aliases: readonly string[] }>>;
  };
}

export interface Mount {
  readonly Type: 'bind' | 'volume';
  readonly Source: string;
  readonly Target: string;
  readonly ReadOnly: boolean;
}
