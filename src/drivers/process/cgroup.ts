import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path/posix';
import type { AgentSpec } from '../../model/spec.ts';
import { isSystemError, orAbsent } from './failure.ts';
import type { CgroupSupport, Controller } from './find-cgroups.ts';

/** The cgroup of one run, as its run file holds it: a folder for each hierarchy it lies in. */
export interface Cgroup {
  readonly version: 'v1' | 'v2';
  readonly folders: Readonly<Partial<Record<Controller, string>>>;
  /** The one that can be frozen and killed as a whole. */
  readonly tree?: string;
}

type Resources = AgentSpec['resources'];

/** The cgroup that a run has under this name. */
export function cgroupOf(support: CgroupSupport, name: string): Cgroup {
  const folders = Object.entries(support.parents).map(([controller, parent]) => [controller, join(parent, name)]);
  return {
    version: support.version,
    folders: Object.fromEntries(folders) as Cgroup['folders'],
    ...(support.tree === undefined ? {} : { tree: join(support.tree, name) }),
  };
}

/** Makes it and sets its limits. Throws the system's error. */
export async function makeCgroup(cgroup: Cgroup, resources: Resources): Promise<void> {
  for (const folder of foldersOf(cgroup)) await mkdir(dirname(folder), { recursive: true });
  if (cgroup.version === 'v2') {
    const handedDown = Object.keys(cgroup.folders).map((controller) => `+${controller}`);
    if (cgroup.tree) await writeFile(join(dirname(cgroup.tree), 'cgroup.subtree_control'), handedDown.join(' '));
  }
  for (const folder of foldersOf(cgroup)) await mkdir(folder, { recursive: true });
  await limitCgroup(cgroup, resources);
}

/** Sets its limits, those of what runs in it at once. */
export async function limitCgroup(cgroup: Cgroup, resources: Resources): Promise<void> {
  for (const { path, value, optional } of limitFiles(cgroup, resources)) {
    try {
      await writeFile(path, value);
    } catch (thrown) {
      if (!optional || !isSystemError(thrown)) throw thrown;
    }
  }
}

/** A value for a file. An `optional` file may be missing, or refuse until the others are written. */
export interface LimitFile {
  readonly path: string;
  readonly value: string;
  readonly optional: boolean;
}

/** Which file gets what, in order. */
export function limitFiles({ version, folders }: Cgroup, { limits, requests }: Resources): readonly LimitFile[] {
  const file = (
    controller: Controller,
    name: string,
    value: string | number,
    optional = false,
  ): readonly LimitFile[] => {
    const folder = folders[controller];
    return folder === undefined ? [] : [{ path: join(folder, name), value: String(value), optional }];
  };
  const shares = requests?.cpu === undefined ? 1024 : Math.max(2, Math.floor((requests.cpu * 1024) / 1e9));
  const quota = limits.cpu === null ? undefined : Math.max(1_000, Math.round(limits.cpu / 10_000));
  if (version === 'v2') {
    return [
      ...file('memory', 'memory.max', limits.memory ?? 'max'),
      ...file('memory', 'memory.swap.max', limits.memory === null ? 'max' : 0, true),
      ...file('memory', 'memory.low', requests?.memory ?? 0, true),
      ...file('cpu', 'cpu.max', `${String(quota ?? 'max')} 100000`),
      ...file('cpu', 'cpu.weight', Math.min(10_000, Math.max(1, Math.round((shares * 100) / 1024))), true),
      ...file('pids', 'pids.max', limits.pids ?? 'max'),
    ];
  }
  const memory = limits.memory ?? -1;
  return [
    // memory with swap may never be below memory alone: lowering takes the one order, raising the other
    ...file('memory', 'memory.limit_in_bytes', memory, true),
    ...file('memory', 'memory.memsw.limit_in_bytes', memory, true),
    ...file('memory', 'memory.limit_in_bytes', memory),
    ...file('memory', 'memory.soft_limit_in_bytes', requests?.memory ?? -1, true),
    ...file('cpu', 'cpu.cfs_period_us', 100_000),
    ...file('cpu', 'cpu.cfs_quota_us', quota ?? -1),
    ...file('cpu', 'cpu.shares', shares),
    ...file('pids', 'pids.max', limits.pids ?? 'max'),
  ];
}

/** Moves a process into it; what it starts from then on is in it too. */
export async function joinCgroup(cgroup: Cgroup, pid: number): Promise<void> {
  for (const folder of foldersOf(cgroup)) await writeFile(join(folder, 'cgroup.procs'), String(pid));
}

/** The processes in it; none when it is gone. */
export async function cgroupMembers(cgroup: Cgroup): Promise<ReadonlySet<number>> {
  const [folder] = foldersOf(cgroup);
  const text = folder === undefined ? '' : await readText(join(folder, 'cgroup.procs'));
  return new Set(text.split('\n').filter(Boolean).map(Number));
}

/** Kills all in it at once, what is being forked included; `false` where the kernel cannot. */
export async function killCgroup(cgroup: Cgroup): Promise<boolean> {
  if (cgroup.tree === undefined) return false;
  return (await orAbsent(writeFile(join(cgroup.tree, 'cgroup.kill'), '1', { flag: 'r+' }).then(() => true))) ?? false;
}

/** The file that freezes all in it, where there is one. */
export async function freezerOf(cgroup: Cgroup): Promise<string | undefined> {
  const file = cgroup.tree === undefined ? undefined : join(cgroup.tree, 'cgroup.freeze');
  return file !== undefined && (await readText(file)) !== '' ? file : undefined;
}

/** Whether all in it stand still. */
export async function isFrozen(cgroup: Cgroup): Promise<boolean> {
  return /^frozen 1$/m.test(cgroup.tree === undefined ? '' : await readText(join(cgroup.tree, 'cgroup.events')));
}

/** Whether the kernel has killed in it for want of memory. */
export async function wasOutOfMemory({ version, folders }: Cgroup): Promise<boolean> {
  const file = version === 'v2' ? 'memory.events' : 'memory.oom_control';
  const text = folders.memory === undefined ? '' : await readText(join(folders.memory, file));
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0) > 0;
}

/** Bytes that all in it use, file caches included; `undefined` where nobody counts them. */
export async function memoryUsed({ version, folders }: Cgroup): Promise<number | undefined> {
  const file = version === 'v2' ? 'memory.current' : 'memory.usage_in_bytes';
  const text = folders.memory === undefined ? '' : await readText(join(folders.memory, file));
  return text === '' ? undefined : Number(text);
}

/** Takes away a cgroup that nothing runs in any more; one that is still in use stays. */
export async function discardCgroup(cgroup: Cgroup): Promise<void> {
  for (const folder of foldersOf(cgroup)) {
    try {
      await rmdir(folder);
    } catch (thrown) {
      if (!isSystemError(thrown)) throw thrown;
    }
  }
}

function foldersOf({ folders, tree }: Cgroup): readonly string[] {
  return [...new Set([...Object.values(folders), ...(tree === undefined ? [] : [tree])])];
}

async function readText(path: string): Promise<string> {
  return (await orAbsent(readFile(path, 'utf8'))) ?? '';
}
