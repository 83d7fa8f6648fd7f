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

export interface HostSecurity {
  readonly SecurityOpt?: readonly string[] | null;
  readonly ReadonlyRootfs?: boolean;
  readonly CapAdd?: readonly string[] | null;
  readonly CapDrop?: readonly string[] | null;
}

export interface HostNetwork {
  readonly NetworkMode?: string;
  readonly Dns?: readonly string[] | null;
  readonly DnsSearch?: readonly string[] | null;
  readonly ExtraHosts?: readonly string[] | null;
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
    readonly User?: string;
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
  readonly HostConfig: HostResources &
    HostSecurity &
    HostNetwork & {
      readonly PortBindings?: Readonly<Record<string, readonly PortBinding[] | null>> | null;
      readonly LogConfig?: { readonly Type: string; readonly Config?: Labels | null };
      readonly Init?: boolean | null;
      readonly Mounts?: readonly Mount[] | null;
      readonly StorageOpt?: Labels | null;
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
  readonly MacAddress?: string;
  /** What was asked for. */
  readonly IPAMConfig?: { readonly IPv4Address?: string } | null;
}

/** How a container is to be attached to a network. */
export interface EndpointConfig {
  readonly Aliases: readonly string[];
  readonly IPAMConfig?: { readonly IPv4Address: string };
  readonly MacAddress?: string;
}

/** The body of `POST /networks/create`, as far as networks differ. */
export interface NetworkConfig {
  readonly Internal: boolean;
  readonly Options?: Labels;
  readonly Labels: Labels;
  readonly IPAM?: { readonly Config: readonly AddressPool[] };
}

/** The addresses of a network, and those among them that the engine gives out by itself. */
export interface AddressPool {
  readonly Subnet?: string;
  readonly IPRange?: string;
}

export interface NetworkDetails {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
  readonly Internal: boolean;
  readonly Options?: Labels | null;
  readonly Labels: Labels | null;
  /** Only when one network is asked for. */
  readonly Containers?: Readonly<Record<string, { readonly Name: string; readonly IPv4Address?: string }>> | null;
  readonly IPAM?: { readonly Config?: readonly AddressPool[] | null } | null;
}

export interface VolumeDetails {
  readonly Name: string;
  readonly CreatedAt?: string;
  readonly Labels: Labels | null;
  /** Where it lies on the engine's machine. */
  readonly Mountpoint?: string;
}

export interface ImageAnswer {
  readonly Id: string;
  readonly Config?: { readonly User?: string } | null;
  readonly RepoDigests?: readonly string[] | null;
}

/** What is known of an image that is there; `user` is empty where it names none. */
export interface ImageDetails {
  readonly id: string;
  readonly user: string;
  /** `registry/name@sha256:…` of every registry it came from. */
  readonly digests: readonly string[];
}

export interface EngineInfo {
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly ServerVersion: string;
  /** The storage driver, and pairs of what it says of itself. */
  readonly Driver?: string;
  readonly DriverStatus?: readonly (readonly [string, string])[] | null;
  readonly OperatingSystem?: string;
  readonly Architecture?: string;
  readonly OSType?: string;
  readonly CgroupVersion?: string;
  readonly CgroupDriver?: string;
  readonly MemoryLimit?: boolean;
  readonly SwapLimit?: boolean;
  readonly CpuCfsQuota?: boolean;
  readonly PidsLimit?: boolean;
  /** `name=seccomp,profile=default`. */
  readonly SecurityOptions?: readonly string[] | null;
}

export interface EngineVersion {
  readonly ApiVersion: string;
}

export interface EventMessage {
  readonly Type?: string;
  readonly Action?: string;
  readonly timeNano?: number;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Labels | null };
}

/** The answer to `GET /containers/<id>/stats`, as far as it is read; zeros and gaps for what does not run. */
export interface ContainerStats {
  /** ISO 8601. */
  readonly read: string;
  readonly cpu_stats: { readonly cpu_usage?: { readonly total_usage?: number } };
  readonly memory_stats?: {
    readonly usage?: number;
    readonly limit?: number;
    readonly stats?: { readonly total_inactive_file?: number; readonly inactive_file?: number };
  };
  readonly pids_stats?: { readonly current?: number };
  readonly blkio_stats?: {
    readonly io_service_bytes_recursive?: readonly { readonly op: string; readonly value: number }[] | null;
  };
  /** Absent on the host's network. */
  readonly networks?: Readonly<Record<string, { readonly rx_bytes: number; readonly tx_bytes: number }>> | null;
}

/** The body of `POST /containers/create`. */
export interface ContainerConfig {
  readonly Image: string;
  readonly User?: string;
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly Env: readonly string[];
  readonly Labels: Labels;
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Healthcheck?: HealthConfig & { readonly StartInterval?: number };
  readonly OpenStdin?: boolean;
  readonly StdinOnce?: boolean;
  readonly Tty?: boolean;
  readonly StopSignal: string;
  readonly StopTimeout: number;
  readonly HostConfig: HostResources &
    HostSecurity &
    HostNetwork & {
      readonly Binds: readonly string[];
      readonly Mounts: readonly Mount[];
      readonly PortBindings: Readonly<Record<string, readonly PortBinding[]>>;
      readonly Init?: boolean;
      readonly Sysctls?: Labels;
      readonly StorageOpt?: Labels;
      readonly LogConfig: { readonly Type: string; readonly Config: Labels };
    };
  readonly NetworkingConfig?: {
    readonly EndpointsConfig: Readonly<Record<string, EndpointConfig>>;
  };
}

/** A container that is never started: only its mounts matter. */
export interface CarrierConfig extends Pick<ContainerConfig, 'Image' | 'User' | 'Entrypoint' | 'Labels'> {
  readonly HostConfig: Pick<ContainerConfig['HostConfig'], 'NetworkMode' | 'Mounts'>;
}

export interface Mount {
  readonly Type: 'bind' | 'volume' | 'tmpfs';
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly VolumeOptions?: { readonly NoCopy: boolean };
  readonly TmpfsOptions?: { readonly SizeBytes?: number } | null;
}
