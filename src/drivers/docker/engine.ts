import { setMaxListeners } from 'node:events';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable, type Duplex } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import type Dockerode from 'dockerode';
import type { DriverError } from '../../model/outcome.ts';
import { err, ok, type Result } from '../../util/result.ts';
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
  ImageAnswer,
  HostResources,
  Labels,
  NetworkConfig,
  NetworkDetails,
  VolumeDetails,
} from './engine-types.ts';
import { driverErrorOf } from './errors.ts';
import type { Credentials } from './registry-auth.ts';
import { readTarFile } from './tar.ts';

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
  /** JSON lines; `since` in seconds with a fraction: what the engine still knows of from then on comes first. */
  /** `since` and `until` in seconds since the epoch; with `until` the stream ends by itself. */
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

/** Connects to the engine at `endpoint`; loads dockerode, sends nothing. */
export async function openEngine(endpoint: Endpoint): Promise<Engine> {
  const { default: Docker } = await import('dockerode');
  const agent = agentFor(endpoint);
  const docker = new Docker(connection(endpoint, agent));

  /** Runs one request under its own signal, so that dozens of them leave no listeners on the caller's. */
  async function call<T>(signal: AbortSignal, request: (options: Options) => Promise<unknown>): Answer<T> {
    const abortSignal = AbortSignal.any([signal]);
    setMaxListeners(0, abortSignal);
    try {
      return ok((await request({ abortSignal })) as T);
    } catch (error) {
      return err(driverErrorOf(error, endpoint, signal));
    }
  }

  async function lookup<T>(
    signal: AbortSignal,
    request: (options: Options) => Promise<unknown>,
  ): Answer<T | undefined> {
    const found = await call<T>(signal, request);
    return !found.ok && found.error.code === 'not-found' ? ok(undefined) : found;
  }

  /** A request that has nothing to answer, and whose purpose is met when the engine answers with `met`. */
  async function act(
    signal: AbortSignal,
    met: readonly number[],
    request: (options: Options) => Promise<unknown>,
  ): Answer<void> {
    const done = await call<unknown>(signal, async (options) => {
      await request(options).catch((error: unknown) => {
        if (!met.includes((error as { statusCode?: number }).statusCode ?? 0)) throw error;
      });
    });
    return done.ok ? ok(undefined) : done;
  }

  return {
    endpoint,
    info: async (signal) => call(signal, async (options) => withOptions(docker).info(options)),
    version: async (signal) => call(signal, async (options) => withOptions(docker).version(options)),
    listContainers: async (signal) => call(signal, async (options) => docker.listContainers({ ...options, all: true })),
    listNetworks: async (filters, signal) =>
      call(signal, async (options) => docker.listNetworks({ ...options, filters: JSON.stringify(filters) })),
    listVolumes: async (filters, signal) =>
      call(signal, async (options) => {
        const answer = await docker.listVolumes({ ...options, filters: JSON.stringify(filters) });
        return answer.Volumes ?? [];
      }),
    container: async (ref, signal) => lookup(signal, async (options) => docker.getContainer(ref).inspect(options)),
    network: async (ref, signal) =>
      lookup(signal, async (options) => withOptions(docker.getNetwork(ref)).inspect(options)),
    volume: async (name, signal) =>
      lookup(signal, async (options) => withOptions(docker.getVolume(name)).inspect(options)),
    image: async (reference, signal) =>
      lookup(signal, async (options) => imageDetails(await withOptions(docker.getImage(reference)).inspect(options))),
    hasFile: async (ref, path, signal) => {
      const found = await lookup(signal, async (options) =>
        docker
          .getContainer(ref)
          .infoArchive({ ...options, path })
          .then(() => true),
      );
      return found.ok ? ok(found.value === true) : found;
    },
    readFile: async (ref, path, signal) => {
      const found = await lookup<Buffer>(signal, async (options) =>
        buffer(await docker.getContainer(ref).getArchive({ ...options, path })),
      );
      return found.ok ? ok(found.value && readTarFile(found.value)) : found;
    },
    putArchive: async (ref, folder, archive, signal) =>
      act(signal, [], async (options) => docker.getContainer(ref).putArchive(archive, { ...options, path: folder })),
    pull: async (reference, credentials, signal) =>
      call(signal, async (options) =>
        docker.pull(reference, { ...options, ...(credentials ? { authconfig: { ...credentials } } : {}) }),
      ),
    buildImage: async (tag, context, signal) => {
      const begun = await call<Readable>(signal, async (options) =>
        docker.buildImage(Readable.from([context]), { ...options, t: tag, networkmode: 'none', forcerm: true }),
      );
      return begun.ok ? imageMade(begun.value) : begun;
    },
    importImage: async (tag, archive, changes, signal) => {
      const [repo, version] = tag.split(':');
      const begun = await call<Readable>(signal, async (options) =>
        docker.importImage(Readable.from([archive]), { ...options, repo, tag: version, changes: [...changes] }),
      );
      return begun.ok ? imageMade(begun.value) : begun;
    },
    createContainer: async (name, config, signal) =>
      call(signal, async (options) => {
        const made = await docker.createContainer(request({ name }, config, options));
        return made.id;
      }),
    createNetwork: async (name, network, signal) =>
      call(signal, async (options) => {
        const body = { Name: name, Driver: 'bridge', CheckDuplicate: true, ...network };
        return (await docker.createNetwork(request({}, body, options) as unknown as Dockerode.NetworkCreateOptions)).id;
      }),
    connect: async (network, ref, endpoint, signal) =>
      act(signal, [], async (options) =>
        docker.getNetwork(network).connect(request({}, { Container: ref, EndpointConfig: endpoint }, options)),
      ),
    disconnect: async (network, ref, signal) =>
      act(signal, [], async (options) =>
        docker.getNetwork(network).disconnect(request({}, { Container: ref }, options)),
      ),
    createVolume: async (name, labels, signal) =>
      call(signal, async (options) => {
        const body = { Name: name, Driver: 'local', Labels: labels };
        return (await docker.createVolume(request({}, body, options))).name;
      }),
    update: async (ref, resources, signal) =>
      act(signal, [], async (options) => docker.getContainer(ref).update({ ...options, ...resources })),
    start: async (ref, signal) => act(signal, [304], async (options) => docker.getContainer(ref).start(options)),
    unpause: async (ref, signal) => act(signal, [], async (options) => docker.getContainer(ref).unpause(options)),
    stop: async (ref, seconds, signal) =>
      act(signal, [304], async (options) => docker.getContainer(ref).stop({ ...options, t: seconds })),
    removeContainer: async (ref, signal) =>
      act(signal, [404], async (options) => docker.getContainer(ref).remove({ ...options, force: true, v: true })),
    removeNetwork: async (ref, signal) => act(signal, [404], async (options) => docker.getNetwork(ref).remove(options)),
    removeVolume: async (name, signal) => act(signal, [404], async (options) => docker.getVolume(name).remove(options)),
    logs: async (ref, wanted, signal) =>
      call(signal, async (options) => {
        const query = { stdout: true, stderr: true, tail: 'all', ...wanted };
        // dockerode streams only what it is told to follow; what the engine is asked stands in `_query`
        const streamed = { ...options, follow: true as const, _query: query };
        return docker.getContainer(ref).logs(streamed);
      }),
    stats: async (ref, signal) =>
      call(signal, async (options) =>
        withOptions(docker.getContainer(ref)).stats({ ...options, stream: false, 'one-shot': true }),
      ),
    prepareExec: async (ref, config, signal) =>
      call(signal, async (options) => {
        const exec = request({}, { ...config, AttachStdout: true, AttachStderr: true }, options);
        return (await docker.getContainer(ref).exec(exec)).id;
      }),
    startExec: async (id, signal) =>
      call(signal, async (options) => docker.getExec(id).start({ ...options, Detach: false, Tty: false })),
    connectExec: async (id, tty, signal) =>
      call(signal, async (options) =>
        docker.getExec(id).start(hijacked({}, { Detach: false, Tty: tty }, options) as Dockerode.ExecStartOptions),
      ),
    resizeExec: async (id, { columns, rows }, signal) =>
      act(signal, [], async (options) => docker.getExec(id).resize({ ...options, w: columns, h: rows })),
    attach: async (ref, stdin, signal) =>
      call(signal, async (options) => {
        const query = { stream: true, stdin, stdout: true, stderr: true };
        return docker.getContainer(ref).attach(hijacked(query, query, options));
      }),
    resize: async (ref, { columns, rows }, signal) =>
      act(signal, [], async (options) => docker.getContainer(ref).resize({ ...options, w: columns, h: rows })),
    kill: async (ref, name, signal) =>
      act(signal, [], async (options) => docker.getContainer(ref).kill({ ...options, signal: name })),
    execExitCode: async (id, signal) =>
      call(signal, async (options) => (await docker.getExec(id).inspect(options)).ExitCode),
    events: async (filters, signal, since, until) =>
      call(signal, async (options) => {
        // nanoseconds are more than a number holds, which is what the types ask for
        const from = since === undefined ? {} : { since: since as unknown as number };
        const to = until === undefined ? {} : { until: until as unknown as number };
        return docker.getEvents({ ...options, ...from, ...to, filters: JSON.stringify(filters) });
      }),
    [Symbol.asyncDispose]: async () => {
      agent.destroy();
    },
  };
}

/** Reads what the engine tells while it makes an image; a failure comes as the last line, after status 200. */
async function imageMade(progress: Readable): Answer<undefined> {
  const lines = (await text(progress)).split('\n').filter((line) => line.trim() !== '');
  const failures = lines.map((line) => (JSON.parse(line) as { readonly error?: string }).error);
  const failure = failures.find((message) => message !== undefined);
  return failure === undefined ? ok(undefined) : err({ code: 'invalid', retry: 'terminal', message: failure });
}

/** What dockerode takes out of the options of every request. */
interface Options {
  abortSignal: AbortSignal;
}

/** Methods that take the common options though their types do not say so. */
interface WithOptions {
  info(options: Options): Promise<unknown>;
  version(options: Options): Promise<unknown>;
  inspect(options: Options): Promise<ImageAnswer>;
  stats(options: Options & { readonly stream: false; readonly 'one-shot': true }): Promise<unknown>;
}

function imageDetails({ Id, Config, RepoDigests }: ImageAnswer): ImageDetails {
  return { id: Id, user: Config?.User ?? '', digests: RepoDigests ?? [] };
}

function withOptions(target: unknown): WithOptions {
  return target as WithOptions;
}

/**
 * A request whose body stays out of its URL: dockerode writes all options into both unless they are told apart, and
 * a URL, with the environment of a container in it, ends up in the logs of engines and proxies.
 */
function request(query: object, body: object, options: Options): object {
  return { ...options, _query: query, _body: body };
}

/**
 * A request after which the connection is ours both ways. It always has a body: without one dockerode sends the end of
 * an empty one, or nothing at all until something is written, and the agent would read the former as its input.
 */
function hijacked(query: object, body: object, options: Options): object {
  return { ...request(query, body, options), hijack: true };
}

/** Every setting is given, `undefined` too, as docker-modem fills the rest from its own reading of DOCKER_HOST. */
function connection({ address }: Endpoint, agent: HttpAgent): Dockerode.DockerOptions {
  const common = { agent, pathPrefix: '/', timeout: undefined, ca: undefined, cert: undefined, key: undefined };
  const options =
    address.type === 'socket'
      ? { ...common, socketPath: address.path, host: undefined, port: undefined, protocol: 'http' }
      : { ...common, host: address.host, port: address.port, protocol: address.tls ? 'https' : 'http' };
  return options as object;
}

/**
 * Connections are kept between requests. docker-modem writes out all options of every request for its debug log, also
 * when nobody reads that; with the agent's sockets in them this took 15 ms each.
 */
function agentFor({ address }: Endpoint): HttpAgent {
  const tls = address.type === 'tcp' ? address.tls : undefined;
  const { verify = true, ...certificates } = tls ?? {};
  const agent = tls
    ? new HttpsAgent({ keepAlive: true, rejectUnauthorized: verify, ...certificates })
    : new HttpAgent({ keepAlive: true });
  return Object.assign(agent, { [inspect.custom]: () => 'Agent' });
}
