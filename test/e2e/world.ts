import { readdirSync, readFileSync } from 'node:fs';
import { labels } from '../../src/model/labels.ts';
import { createRig, type Rig, type RigOptions } from '../support/rig.ts';
import { docker } from './engine-view.ts';
import { container, localProcess, type SpecFields } from './manifests.ts';

/** One replica that runs, as the operating system or the engine tells it. */
export interface Running {
  /** Another one whenever it is started anew. */
  readonly identity: string;
  /** `NAME=value`. */
  readonly environment: readonly string[];
  /** Grows with the time of the start; only to be compared within one driver. */
  readonly started: number;
}

/** A place that runs agents, seen from outside of aac, so that one suite can be about several. */
export interface World {
  readonly driver: 'docker' | 'process';
  rig(options?: RigOptions): Rig;
  /** The manifest of an agent that sleeps unless told otherwise. */
  agent(name: string, spec?: SpecFields): string;
  /** What runs of a workspace: `web/0` → every process or container of it, which should be one. */
  running(rig: Rig): Promise<ReadonlyMap<string, readonly Running[]>>;
}

/** The replicas that run, each of which has to do so once. */
export async function runningOnce(world: World, rig: Rig): Promise<ReadonlyMap<string, Running>> {
  const found = await world.running(rig);
  return new Map(
    [...found].map(([replica, all]) => {
      const [only] = all;
      if (!only || all.length > 1) throw new Error(`${replica} runs ${String(all.length)} times`);
      return [replica, only] as const;
    }),
  );
}

/** The names of the replicas that run, in order. */
export async function namesOf(world: World, rig: Rig): Promise<readonly string[]> {
  return [...(await runningOnce(world, rig)).keys()].sort();
}

export const dockerWorld: World = {
  driver: 'docker',
  rig: (options) => createRig({ ...options, docker: true }),
  agent: container,
  running: async ({ workspace }) => {
    const listed = await docker().listContainers({
      filters: { label: [`${labels.workspace}=${workspace}`], status: ['running'] },
    });
    const all = await Promise.all(listed.map(({ Id }) => docker().getContainer(Id).inspect()));
    const running = all.filter(({ State }) => State.Running); // a list of a newer engine is a moment old
    return grouped(
      running.map(({ Id, Config, State }) => [
        (Config.Labels[labels.address] ?? '').replace('agent/', ''),
        { identity: `${Id} ${State.StartedAt}`, environment: Config.Env, started: Date.parse(State.StartedAt) },
      ]),
    );
  },
};

export const processWorld: World = {
  driver: 'process',
  rig: createRig,
  agent: localProcess,
  running: async (rig) => {
    const own = rig.processes().flatMap((pid) => {
      const seen = readProcess(pid);
      // The latch, a shell that waits for the agent, is the one that stands for it: there is one for each start.
      return seen?.environment.some((variable) => variable.startsWith('AAC_LATCH=')) ? [seen] : [];
    });
    return grouped(
      own.map((seen) => {
        const address = seen.environment.find((variable) => variable.startsWith('AAC_ADDRESS=agent/')) ?? '';
        return [address.replace('AAC_ADDRESS=agent/', ''), seen] as const;
      }),
    );
  },
};

function grouped(entries: readonly (readonly [string, Running])[]): ReadonlyMap<string, readonly Running[]> {
  const groups = new Map<string, Running[]>();
  for (const [replica, running] of entries) groups.set(replica, [...(groups.get(replica) ?? []), running]);
  return groups;
}

function readProcess(pid: number): Running | undefined {
  try {
    const environment = readFileSync(`/proc/${String(pid)}/environ`, 'utf8').split('\0');
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const started = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    // A subshell that the latch has just forked carries the same variables; its leader is somebody else.
    const leads = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) === pid;
    return leads ? { identity: `${String(pid)} ${String(started)}`, environment, started } : undefined;
  } catch {
    return undefined; // gone meanwhile
  }
}

/** Whether this system shows processes and their environments as Linux does. */
export const showsProcesses = process.platform === 'linux' && readdirSync('/proc').includes('self');
