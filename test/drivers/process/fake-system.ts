import type { Clock } from '../../../src/util/clock.ts';
import type { RunningProcess, System } from '../../../src/drivers/process/system.ts';

/** A made-up machine: processes that die of what `diesOf` says, and a record of every signal. */
export interface FakeSystem extends System {
  running: readonly RunningProcess[];
  readonly sent: string[];
}

export function createFakeSystem(
  running: readonly RunningProcess[],
  diesOf: (process: RunningProcess, signal: NodeJS.Signals) => boolean = () => true,
): FakeSystem {
  const system: FakeSystem = {
    running,
    sent: [],
    bootId: async () => 'this boot',
    identify: async (pid) => system.running.find((process) => process.pid === pid),
    starts: async (pids) =>
      new Map(system.running.filter(({ pid }) => pids.includes(pid)).map(({ pid, started }) => [pid, started])),
    processes: async () => system.running,
    environment: async () => undefined,
    listeners: async () => [],
    capacity: () => ({ cpu: 1e9, memory: 1e9 }),
    usage: async () => [],
    cgroups: () => undefined,
    user: () => 0,
    signal(pid, signal) {
      system.sent.push(`${signal} ${String(pid)}`);
      const hit = system.running.filter((process) => (pid < 0 ? process.pgid === -pid : process.pid === pid));
      system.running = system.running.filter((process) => !hit.includes(process) || !diesOf(process, signal));
      return hit.length > 0;
    },
  };
  return system;
}

/** A process of a made-up machine; `cookie` is its instance. */
export function fakeProcess(
  pid: number,
  parts: Partial<RunningProcess> & { readonly cookie?: string } = {},
): RunningProcess {
  const { cookie, ...more } = parts;
  const variables: RunningProcess['variables'] = cookie === undefined ? {} : { AAC_INSTANCE_ID: cookie };
  return { pid, pgid: pid, sid: pid, started: `t${String(pid)}`, command: 'agent', stopped: false, variables, ...more };
}

/** Time that passes only by sleeping. `onSleep` is what happens meanwhile. */
export function createFakeClock(onSleep: (now: number) => void = () => undefined): Clock {
  let now = 0;
  return {
    now: () => now,
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      now += milliseconds;
      onSleep(now);
    },
  };
}
