import { wasOutOfMemory } from './cgroup.ts';
import { latchIdentity, cookieOf, parseCookie, type Instance, type Run } from './instance.ts';
import { findSame, type Identity } from './identity.ts';
import { decodeRecord } from './cookie-record.ts';
import type { Host } from './host.ts';
import { cookieVariables, type RunningProcess } from './system.ts';

/** An instance, and what has become of it. */
export interface Sighting {
  readonly instance: Instance;
  readonly run?: Run;
  readonly state: InstanceState;
}

/** `leftovers` outlived the process they descend from. */
export type InstanceState =
  | { readonly phase: 'created'; readonly detail?: string }
  /** Its intent is written and whoever wrote it is still there. */
  | { readonly phase: 'starting' }
  | { readonly phase: 'running'; readonly latch: RunningProcess }
  | {
      readonly phase: 'exited';
      readonly exitCode: number;
      readonly detail?: string;
      readonly leftovers: readonly RunningProcess[];
    };

/** What is known about the latest run of an instance. */
export interface Evidence {
  readonly run: Run | undefined;
  readonly bootId: string;
  /** The latch, its identity verified. */
  readonly latch: RunningProcess | undefined;
  /** All that carry the instance's cookie. */
  readonly members: readonly RunningProcess[];
  readonly exitCode: number | undefined;
  /** Whether it was killed for want of memory. */
  readonly outOfMemory: boolean;
  /** Whether the process that began the run is still there. */
  readonly starterLives: boolean;
}

/** The exit code that a shell gives a process that was killed, for those whose latch went with them. */
const killed = 137;

/**
 * What has become of an instance:
 *
 *     no run ──intent──▶ no process yet ──▶ latch found ──▶ exit code, or neither: killed
 */
export function stateOf({ run, bootId, latch, members, exitCode, outOfMemory, starterLives }: Evidence): InstanceState {
  if (!run) return { phase: 'created' };
  if (run.bootId !== bootId) {
    const detail = exitCode === undefined ? { detail: 'the machine was restarted while it ran' } : {};
    return { phase: 'exited', exitCode: exitCode ?? killed, ...detail, leftovers: [] };
  }
  const running = latch ?? members.find((member) => isLatch(member, run));
  if (running) return { phase: 'running', latch: running };
  if (exitCode === undefined && !run.process) {
    return starterLives ? { phase: 'starting' } : { phase: 'created', detail: 'its start was cut short' };
  }
  const details = [
    ...(outOfMemory ? ['memory limit'] : exitCode === undefined ? ['killed'] : []),
    ...(members.length > 0 ? [`processes it started still run: ${listProcesses(members)}`] : []),
  ];
  return {
    phase: 'exited',
    exitCode: exitCode ?? killed,
    ...(details.length > 0 ? { detail: details.join('; ') } : {}),
    leftovers: members,
  };
}

/** Looks at one instance. `processes` is asked only when the recorded process is not there. */
export async function sight(
  host: Host,
  instance: Instance,
  processes = (): Promise<readonly RunningProcess[]> => host.system.processes(),
): Promise<Sighting> {
  const store = host.store(instance.record.workspace);
  const run = await store.latestRun(instance.name);
  const bootId = await host.system.bootId();
  if (run?.bootId !== bootId) {
    const exitCode = run && (await store.exitCode(instance.name, run));
    const evidence = { run, bootId, latch: undefined, members: [], exitCode, outOfMemory: false, starterLives: false };
    return { instance, ...(run ? { run } : {}), state: stateOf(evidence) };
  }
  const identity = latchIdentity(instance, run);
  const latch = identity && (await findSame(host.system, identity));
  const members = latch ? [] : membersOf(instance, await processes());
  const exitCode = await store.exitCode(instance.name, run); // after looking for the process, which writes it at its end
  const starter = run.process ? undefined : await host.system.identify(run.starter.pid);
  const starterLives = starter?.started === run.starter.started;
  const outOfMemory = !latch && (exitCode ?? killed) === killed && (await endedForMemory(run));
  return { instance, run, state: stateOf({ run, bootId, latch, members, exitCode, outOfMemory, starterLives }) };
}

async function endedForMemory({ endedFor, cgroup }: Run): Promise<boolean> {
  return endedFor === 'memory limit' || (cgroup !== undefined && (await wasOutOfMemory(cgroup)));
}

/** The instances that only their processes still know: their folder is gone. */
export function sightStrays(
  workspace: string,
  known: ReadonlySet<string>,
  processes: readonly RunningProcess[],
): readonly Sighting[] {
  return processes.flatMap((latch): readonly Sighting[] => {
    const cookie = latch.variables[cookieVariables.instance];
    if (cookie === undefined || known.has(cookie) || parseCookie(cookie)?.workspace !== workspace) return [];
    const found = decodeRecord(latch.variables[cookieVariables.record]);
    if (!found || cookieOf(found.instance) !== cookie || !isLatch(latch, found.run)) return [];
    const run: Run = { ...found.run, process: { pid: latch.pid, started: latch.started, sid: latch.sid } };
    return [{ instance: found.instance, run, state: { phase: 'running', latch } }];
  });
}

/** All processes that carry the instance's cookie. */
export function membersOf(instance: Instance, processes: readonly RunningProcess[]): readonly RunningProcess[] {
  const cookie = cookieOf(instance);
  return processes.filter((process) => process.variables[cookieVariables.instance] === cookie);
}

/** The identity of the latch of what runs. */
export function runningIdentity(instance: Instance, run: Run, latch: RunningProcess): Identity {
  return { bootId: run.bootId, pid: latch.pid, started: latch.started, sid: latch.sid, cookie: cookieOf(instance) };
}

/** `4711 (node), 4712 (sh)`. */
export function listProcesses(processes: readonly RunningProcess[]): string {
  return processes.map((process) => `${String(process.pid)} (${process.command})`).join(', ');
}

function isLatch(process: RunningProcess, run: Run): boolean {
  return process.sid === process.pid && process.variables[cookieVariables.latch] === String(run.number);
}
