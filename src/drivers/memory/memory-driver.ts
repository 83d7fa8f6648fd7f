import { parseAddress } from '../../model/address.ts';
import type { DriverError } from '../../model/outcome.ts';
import type { Call } from '../../model/plan.ts';
import { toAgentSpec } from '../../model/spec.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { Driver, ProbeResult, Usage } from '../driver.ts';
import { logStream } from '../log-stream.ts';
import { compile, compileShared } from './compile.ts';
import { execute } from './execute.ts';
import { abortedError, faultFinder, matches, strike, type FaultScript, type Gate, type Request } from './faults.ts';
import { MemoryWorld, type MemoryObject } from './memory-world.ts';
import { factsOf, isOwn, toObserved } from './observe.ts';
import { changesOf, eventsOf, findByHandle, logLines } from './streams.ts';

/** What a memory driver is made with. */
export interface MemoryDriverOptions {
  /** The world it works on; one of its own unless told. */
  readonly world?: MemoryWorld;
  readonly faults?: FaultScript;
  readonly gates?: readonly Gate[];
  readonly limits?: Driver['limits'];
  /** What every request waits for before anything else, such as a moment of a test's clock. */
  readonly latency?: () => Promise<void>;
}

/** A driver over a world in memory, for tests of everything above drivers. */
export interface MemoryDriver extends Driver {
  readonly world: MemoryWorld;
  /** The calls it was given, in order; those that failed too. */
  readonly calls: readonly Call[];
}

/** A driver that keeps the whole contract without an engine, and breaks it where it is told to. */
export function createMemoryDriver(options: MemoryDriverOptions = {}): MemoryDriver {
  const { world = new MemoryWorld(), faults = [], gates = [], latency, limits = { calls: 4, removals: 2 } } = options;
  const findFault = faultFinder(faults);
  const calls: Call[] = [];

  /** Answers a request: held by gates, struck by faults, else by its effect. */
  async function answer<T>(
    request: Request,
    signal: AbortSignal,
    effect: () => Promise<Result<T, DriverError>> | Result<T, DriverError>,
  ): Promise<Result<T, DriverError>> {
    await latency?.();
    const fault = findFault(request);
    for (const gate of gates) if (matches(gate.on, request)) await gate.pass(signal);
    if (signal.aborted) return err(abortedError);
    if (fault && !fault.after) return strike(fault, signal);
    const result = await effect();
    return fault ? strike(fault, signal) : result;
  }

  return {
    name: 'memory',
    restarts: 'engine',
    world,
    calls,
    limits,
    compile,
    compileShared,
    check: async () => ok({ version: 'memory' }),
    present: async (workspace) => world.objects.some((object) => isOwn(object, workspace)),
    observe: ({ workspace }, interest, signal) =>
      answer({ method: 'observe' }, signal, () => {
        const own = world.objects.filter((object) => isOwn(object, workspace));
        return ok({ resources: own.map(toObserved), facts: factsOf(world, workspace, interest) });
      }),
    inspect: ({ workspace }, address, ref, signal) =>
      answer({ method: 'inspect', address }, signal, () => {
        const kind = parseAddress(address)?.kind ?? 'agent';
        const object = world.byRef(ref) ?? world.find(kind, ref);
        if (object?.record?.address !== address) return ok(undefined);
        return ok(isOwn(object, workspace) ? toObserved(object) : undefined);
      }),
    execute: (call, context) => {
      calls.push(call);
      const request: Request = { method: 'execute', verb: call.verb, address: call.address };
      return answer(request, context.signal, () => execute(world, call, context));
    },
    probe: async (ref, _check, signal): Promise<ProbeResult> => {
      const result = await answer({ method: 'probe' }, signal, () => ok(probeOf(world, ref)));
      return result.ok ? result.value : { status: 'error', message: result.error.message };
    },
    stats: (ref, signal) => answer({ method: 'stats' }, signal, () => usageOf(world, ref)),
    changes: (workspace, signal) => changesOf(world, workspace, signal),
    events: (workspace, { signal }) => eventsOf(world, workspace, signal),
    logs: (ref, logOptions) => logStream(() => logLines(world, ref, logOptions)),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function usageOf(world: MemoryWorld, ref: string): Result<Usage, DriverError> {
  const object = findByHandle(world, ref);
  if (!object) return err({ code: 'not-found', retry: 'terminal', message: `\`${ref}\` is gone` });
  if (object.phase !== 'running') {
    return err({ code: 'not-ready', retry: 'terminal', message: `\`${object.name}\` is not running` });
  }
  return ok({ at: Date.now(), cpu: 1, memory: 1, pids: 1, ...limitOf(object), ...object.usage });
}

function limitOf({ live }: MemoryObject): Pick<Usage, 'memoryLimit'> {
  const { memory } = toAgentSpec(live).resources.limits;
  return memory === null ? {} : { memoryLimit: memory };
}

function probeOf(world: MemoryWorld, ref: string): ProbeResult {
  const object = findByHandle(world, ref);
  if (object?.phase !== 'running') return { status: 'error', message: 'it does not run' };
  return object.ailment === undefined ? { status: 'success' } : { status: 'failure', message: object.ailment };
}
