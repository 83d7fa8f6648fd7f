import { setMaxListeners } from 'node:events';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import type Dockerode from 'dockerode';
import { err, ok } from '../../util/result.ts';
import type { Endpoint } from './endpoint.ts';
import type { Answer, Engine } from './engine.ts';
import { agentFor, connection } from './engine-connection.ts';
import { hijacked, request, withOptions, type Options } from './engine-request.ts';
import type { ImageAnswer, ImageDetails } from './engine-types.ts';
import { driverErrorOf } from './errors.ts';
import { readTarFile } from './tar.ts';

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

function imageDetails({ Id, Config, RepoDigests }: ImageAnswer): ImageDetails {
  return { id: Id, user: Config?.User ?? '', digests: RepoDigests ?? [] };
}
