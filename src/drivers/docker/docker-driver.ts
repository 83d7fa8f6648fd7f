import type { DriverError } from '../../model/outcome.ts';
import { systemClock, type Clock } from '../../util/clock.ts';
import { ok, type Result } from '../../util/result.ts';
import type { Driver } from '../driver.ts';
import { logStream } from '../log-stream.ts';
import { compileAgent, compileShared } from './compile.ts';
import type { Answer, Engine } from './engine.ts';
import type { EngineInfo } from './engine-types.ts';
import type { Endpoint } from './endpoint.ts';
import { removalsAtOnce } from './limits.ts';
import { resolveEndpoint, type EndpointOptions } from './resolve-endpoint.ts';

/** Which engine, by the project's `docker.host` and the caller's environment; `clock` is for tests. */
export interface DockerDriverOptions extends EndpointOptions {
  readonly clock?: Clock;
}

/** Containers on a Docker Engine. Nothing is read or connected before the first question. */
export function createDockerDriver({ clock = systemClock, ...options }: DockerDriverOptions): Driver {
  const endpoint = once(() => resolveEndpoint(options));
  const engine = once(() => connect(endpoint()));
  let known: EngineInfo | undefined;

  /** What does not change while the driver lives, asked for once. */
  async function info(signal: AbortSignal): Answer<EngineInfo> {
    if (known) return ok(known);
    const answer = await withEngine((connected) => connected.info(signal));
    if (answer.ok) known = answer.value;
    return answer;
  }

  async function withEngine<T>(use: (engine: Engine) => Answer<T>): Answer<T> {
    const connected = await engine();
    return connected.ok ? use(connected.value) : connected;
  }

  return {
    name: 'docker',
    restarts: 'engine',
    get limits() {
      return { calls: 4, removals: removalsAtOnce(known?.ServerVersion) };
    },
    compile: compileAgent,
    compileShared,
    check: async (signal) => {
      const answer = await info(signal);
      return answer.ok ? ok({ version: answer.value.ServerVersion }) : answer;
    },
    examine: async (signal) => {
      const [answer, version] = [await info(signal), await withEngine((connected) => connected.version(signal))];
      if (!answer.ok) return answer;
      if (!version.ok) return version;
      const { examineEngine } = await import('./examine.ts');
      return withEngine(async ({ endpoint: used }) => ok(examineEngine(used, answer.value, version.value)));
    },
    present: async (workspace, signal) => {
      const found = await endpoint();
      if (!found.ok) return false;
      const { present } = await import('./present.ts');
      return present(found.value, workspace, signal);
    },
    observe: async (context, interest, signal) => {
      const { observe } = await import('./observe.ts');
      return withEngine((connected) => observe(connected, () => info(signal), context, interest, signal));
    },
    inspect: async (context, address, ref, signal) => {
      const { inspect } = await import('./inspect.ts');
      return withEngine((connected) => inspect(connected, context, address, ref, signal));
    },
    execute: async (call, context) => {
      const { execute } = await import('./execute.ts');
      return withEngine((connected) => execute(connected, call, context, { clock, environment: options.environment }));
    },
    probe: async (ref, check, signal) => {
      const connected = await engine();
      if (!connected.ok) return { status: 'error', message: connected.error.message };
      const { probe } = await import('./probe.ts');
      return probe(connected.value, ref, check, signal);
    },
    logs: (ref, logOptions) =>
      logStream(async function* () {
        const connected = await engine();
        if (!connected.ok) throw new Error(connected.error.message, { cause: connected.error });
        const { logs } = await import('./logs.ts');
        yield* logs(connected.value, ref, logOptions, clock);
      }),
    stats: async (ref, signal) => {
      const { stats } = await import('./stats.ts');
      return withEngine((connected) => stats(connected, ref, signal));
    },
    exec: async (ref, order) => {
      const { execIn } = await import('./exec.ts');
      return withEngine((connected) => execIn(connected, ref, order));
    },
    attach: async (ref, order) => {
      const { attach } = await import('./attach.ts');
      return withEngine((connected) => attach(connected, ref, order));
    },
    kill: async (ref, name, signal) => {
      const { kill } = await import('./attach.ts');
      return withEngine((connected) => kill(connected, ref, name, signal));
    },
    changes: async function* (workspace, signal) {
      const { changes } = await import('./changes.ts');
      const open = async () => {
        const connected = await engine();
        return connected.ok ? connected.value : undefined;
      };
      yield* changes(open, workspace, signal, clock);
    },
    remembered: async (workspace, span, signal) => {
      const { remembered } = await import('./remembered.ts');
      return withEngine((connected) => remembered(connected, workspace, span, signal));
    },
    events: async function* (workspace, eventOptions) {
      const { events } = await import('./events.ts');
      yield* events(engine, workspace, eventOptions, clock);
    },
    askEdge: async (ref, request, signal) => {
      const { askEdge } = await import('./edge-ask.ts');
      return withEngine((connected) => askEdge(connected, ref, request, signal));
    },
    [Symbol.asyncDispose]: async () => {
      const connected = await engine.made();
      if (connected?.ok) await connected.value[Symbol.asyncDispose]();
    },
  };
}

async function connect(found: Promise<Result<Endpoint, DriverError>>): Answer<Engine> {
  const endpoint = await found;
  if (!endpoint.ok) return endpoint;
  const { openEngine } = await import('./open-engine.ts');
  return ok(await openEngine(endpoint.value));
}

/** A function that does its work at the first call; `made` is the result, where there has been one. */
function once<T>(make: () => Promise<T>): (() => Promise<T>) & { made(): Promise<T | undefined> } {
  let made: Promise<T> | undefined;
  return Object.assign(() => (made ??= make()), { made: async () => made });
}
