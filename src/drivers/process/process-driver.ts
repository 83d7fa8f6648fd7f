import { release, type } from 'node:os';
import { systemClock, type Clock } from '../../util/clock.ts';
import { ok } from '../../util/result.ts';
import type { Driver } from '../driver.ts';
import { logStream } from '../log-stream.ts';
import { attachTo, killInstance } from './attach.ts';
import { watchInstances } from './changes.ts';
import { compileAgent, compileSharedProcesses } from './compile-agent.ts';
import { askEdge } from './edge-ask.ts';
import { examineMachine } from './examine.ts';
import { processEvents } from './events.ts';
import { execIn } from './exec.ts';
import { execute } from './execute.ts';
import { guarded } from './failure.ts';
import { createFamiliar, type Familiar } from './familiar.ts';
import { createHost } from './host.ts';
import { parseCookie } from './instance.ts';
import { createLinuxSystem } from './linux-system.ts';
import { readLogs } from './logs.ts';
import { createLogUpkeeper } from './maintain-logs.ts';
import { maintain } from './maintain.ts';
import { inspect, observe } from './observe.ts';
import { createPortAllocator, type PortAllocator } from './ports.ts';
import { probeInstance } from './probe-instance.ts';
import { createPsSystem } from './ps-system.ts';
import { findInstance } from './find-instance.ts';
import { readStats } from './stats.ts';
import { sightStrays } from './sighting.ts';
import type { System } from './system.ts';
import { createWatchdog } from './watchdog.ts';

/** What a process driver is made with. */
export interface ProcessDriverOptions {
  /** The absolute folder in which a workspace's state is kept. */
  readonly stateFolder: (workspace: string) => string;
  /** The caller's environment, of which processes get the little that is not the caller's own affair. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absent: what fits this machine. */
  readonly system?: System;
  readonly clock?: Clock;
}

/**
 * Agents as local processes. Each runs under a latch of its own that depends on nobody; what is recorded lies in the
 * state folder and, enough to be found again, in the environment of what runs.
 */
export function createProcessDriver(options: ProcessDriverOptions): Driver {
  const system =
    options.system ?? (process.platform === 'linux' ? createLinuxSystem() : createPsSystem(process.platform));
  const host = createHost(
    { system, clock: options.clock ?? systemClock, environment: options.environment },
    options.stateFolder,
  );
  const upkeep = { logs: createLogUpkeeper(host), watchdog: createWatchdog() };
  const familiars = new Map<string, Familiar>();
  const familiarOf = (workspace: string): Familiar => {
    const familiar = familiars.get(workspace) ?? createFamiliar(host, workspace);
    familiars.set(workspace, familiar);
    return familiar;
  };
  const allocators = new Map<string, PortAllocator>();
  const allocatorOf = (workspace: string): PortAllocator => {
    const allocator = allocators.get(workspace) ?? createPortAllocator();
    allocators.set(workspace, allocator);
    return allocator;
  };

  return {
    name: 'process',
    restarts: 'watch',
    limits: { calls: 16, removals: 16 },
    compile: (agent) =>
      compileAgent(agent, { cgroups: system.cgroups(), user: system.user(), sandbox: () => host.sandbox() }),
    compileShared: (agents, project) =>
      compileSharedProcesses(agents, project, { cgroups: system.cgroups(), sandbox: () => host.sandbox() }),
    check: async () => ok({ version: `${type()} ${release()}` }),
    examine: async () =>
      ok(examineMachine({ system, sandbox: () => host.sandbox() }, process.platform, `${type()} ${release()}`)),

    async present(workspace, signal) {
      if ((await host.store(workspace).names()).length > 0) return true;
      signal.throwIfAborted();
      return sightStrays(workspace, new Set(), await system.processes()).length > 0;
    },

    observe: (context, interest, signal) => guarded(signal, () => observe(host, context, interest)),
    inspect: (context, address, ref, signal) => guarded(signal, () => inspect(host, context, { address, ref })),
    execute: (call, context) =>
      guarded(context.signal, () => execute(host, allocatorOf(context.workspace), call, context)),
    probe: (ref, check, signal) => probeInstance(host, ref, { check, signal }),
    changes: (workspace, signal) => watchInstances(host, { workspace, familiar: familiarOf(workspace) }, signal),

    events: (workspace, eventOptions) =>
      processEvents(host, { workspace, familiar: familiarOf(workspace) }, eventOptions),

    maintain: (workspace, signal) => maintain(host, { familiar: familiarOf(workspace), ...upkeep }, signal),

    stats: (ref, signal) => guarded(signal, () => readStats(host, ref)),
    attach: (ref, order) => guarded(order.signal, () => attachTo(host, ref, order)),
    kill: (ref, name, signal) => guarded(signal, () => killInstance(host, ref, name, signal)),
    askEdge: (ref, request, signal) => guarded(signal, () => askEdge(host, ref, request, signal)),
    exec: (ref, order) => guarded(order.signal, () => execIn(host, ref, order)),

    logs: (ref, logOptions) =>
      logStream(async function* () {
        const cookie = parseCookie(ref);
        if (!cookie) return;
        const store = host.store(cookie.workspace);
        const stored = await store.read(cookie.name);
        const createdAt = stored.ok && stored.value ? Date.parse(stored.value.createdAt) : 0;
        const isRunning = async (): Promise<boolean> => {
          const found = await findInstance(host, cookie.workspace, cookie.name, ref);
          return found.ok && found.value?.state.phase === 'running';
        };
        yield* readLogs(store.files(cookie.name), logOptions, { isRunning, createdAt, clock: host.clock });
      }),

    [Symbol.asyncDispose]: async () => undefined,
  };
}
