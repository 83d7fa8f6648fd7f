import type { Duplex, Readable } from 'node:stream';
import type { DriverError } from '../../model/outcome.ts';
import type { Result } from '../../util/result.ts';
import type { TerminalSize } from '../driver.ts';
import type { Endpoint } from './endpoint.ts';
import type {
  CarrierConfig,
  ContainerConfig,
  ContainerDetails,
  ContainerStats,
  ContainerSummary,
  EndpointConfig,
  EngineInfo,
  EngineVersion,
  ImageDetails,
  HostResources,
  Labels,
  NetworkConfig,
  NetworkDetails,
  VolumeDetails,
} from './engine-types.ts';
import type { Credentials } from './registry-auth.ts';

/** What the engine answers, or why it did not. */
export type Answer<T> = Promise<Result<T, DriverError>>;

/** How the engine lists: label and name filters as its API has them. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/**
 * The Engine API as far as the driver needs it, one method a request. Every request ends when its signal is aborted,
 * also when the engine has accepted it and never answers. Nothing above this knows dockerode.
 */
export interface Engine extends AsyncDisposable {
  readonly endpoint: Endpoint;
  info(signal: AbortSignal): Answer<EngineInfo>;
  version(signal: AbortSignal): Answer<EngineVersion>;
  listContainers(signal: AbortSignal): Answer<readonly ContainerSummary[]>;
  listNetworks(filters: Filters, signal: AbortSignal): Answer<readonly NetworkDetails[]>;
  listVolumes(filters: Filters, signal: AbortSignal): Answer<readonly VolumeDetails[]>;
  /** `undefined` when there is none, as for the other lookups. */
  container(ref: string, signal: AbortSignal): Answer<ContainerDetails | undefined>;
  network(ref: string, signal: AbortSignal): Answer<NetworkDetails | undefined>;
  volume(name: string, signal: AbortSignal): Answer<VolumeDetails | undefined>;
  image(reference: string, signal: AbortSignal): Answer<ImageDetails | undefined>;
  /** Whether the container's file system has something at `path`. */
  hasFile(ref: string, path: string, signal: AbortSignal): Answer<boolean>;
  /** The text of a plain file of the container's file system. */
  readFile(ref: string, path: string, signal: AbortSignal): Answer<string | undefined>;
  /** The progress messages of a pull, JSON lines. */
  pull(reference: string, credentials: Credentials | undefined, signal: AbortSignal): Answer<Readable>;
  /** Makes an image of a build context, an archive with a `Dockerfile`. */
  buildImage(tag: string, context: Buffer, signal: AbortSignal): Answer<undefined>;
  /** Makes an image of an archive of its whole file system. */
  importImage(tag: string, archive: Buffer, changes: readonly string[], signal: AbortSignal): Answer<undefined>;
  /** The new container's id. */
  createContainer(name: string, config: ContainerConfig | CarrierConfig, signal: AbortSignal): Answer<string>;
  /** Unpacks a tar archive in a folder of the container, which need not run. */
  putArchive(ref: string, folder: string, archive: Buffer, signal: AbortSignal): Answer<void>;
  createNetwork(name: string, network: NetworkConfig, signal: AbortSignal): Answer<string>;
  /** Gives a container, running or not, an end on a network. */
  connect(network: string, ref: string, endpoint: EndpointConfig, signal: AbortSignal): Answer<void>;
  disconnect(network: string, ref: string, signal: AbortSignal): Answer<void>;
  createVolume(name: string, labels: Labels, signal: AbortSignal): Answer<string>;
  update(ref: string, resources: HostResources, signal: AbortSignal): Answer<void>;
  /** Starting what runs, and stopping what does not, succeeds. */
  start(ref: string, signal: AbortSignal): Answer<void>;
  unpause(ref: string, signal: AbortSignal): Answer<void>;
  stop(ref: string, seconds: number, signal: AbortSignal): Answer<void>;
  /** Removing what is gone succeeds. A container goes by force and with its anonymous volumes. */
  removeContainer(ref: string, signal: AbortSignal): Answer<void>;
  removeNetwork(ref: string, signal: AbortSignal): Answer<void>;
  removeVolume(name: string, signal: AbortSignal): Answer<void>;
  logs(ref: string, query: LogQuery, signal: AbortSignal): Answer<Readable>;
  /** One reading. Engines before 25 take a second for it. */
  stats(ref: string, signal: AbortSignal): Answer<ContainerStats>;
  /** The id of a command made ready to run in the container. */
  prepareExec(ref: string, exec: ExecConfig, signal: AbortSignal): Answer<string>;
  startExec(id: string, signal: AbortSignal): Answer<Readable>;
  /** Starts it with a connection both ways; ending the writing side ends its input. */
  connectExec(id: string, tty: boolean, signal: AbortSignal): Answer<Duplex>;
  resizeExec(id: string, size: TerminalSize, signal: AbortSignal): Answer<void>;
  execExitCode(id: string, signal: AbortSignal): Answer<number | null>;
  /** A connection both ways with the container's own process, also before it is started. */
  attach(ref: string, stdin: boolean, signal: AbortSignal): Answer<Duplex>;
  resize(ref: string, size: TerminalSize, signal: AbortSignal): Answer<void>;
  kill(ref: string, name: string, signal: AbortSignal): Answer<void>;
  /**
   * JSON lines. `since` and `until` in seconds since the epoch, with a fraction: what the engine still knows of from
   * `since` on comes first, and with `until` the stream ends by itself.
   */
  events(filters: Filters, signal: AbortSignal, since?: string, until?: string): Answer<Readable>;
}

/** Which part of a log; `since` and `until` in seconds with a fraction. The engine counts `tail` before it looks at these. */
export interface LogQuery {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly tail?: number;
  readonly since?: string;
  readonly until?: string;
}

/** The body of `POST /containers/<ref>/exec`, as far as it differs. */
export interface ExecConfig {
  readonly Cmd: readonly string[];
  readonly AttachStdin?: boolean;
  readonly Tty?: boolean;
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
}
