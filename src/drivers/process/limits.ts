import { toAgentSpec, type AgentSpec } from '../../model/spec.ts';
import type { DriverError } from '../../model/outcome.ts';
import { parseAddress } from '../../model/address.ts';
import { aboutBytes, formatBytes } from '../../model/quantity.ts';
import { fieldPath } from '../../model/field-path.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { cgroupOf, discardCgroup, joinCgroup, limitCgroup, makeCgroup, memoryUsed, type Cgroup } from './cgroup.ts';
import { failure, isSystemError } from './failure.ts';
import type { CgroupSupport } from './find-cgroups.ts';
import type { Host } from './host.ts';
import { cookieOf, type Instance, type Run } from './instance.ts';
import { createSearch, type Tree } from './stop-tree.ts';

type Resources = AgentSpec['resources'];

/** Who holds an instance to its limits. */
export type Enforcement = 'cgroup v1' | 'cgroup v2' | 'watchdog' | 'none';

/** How often the members are searched again for what was forked while they were moved. */
const rounds = 10;

/** Who holds this run to its limits; `undefined` where it has none. */
export function enforcementOf({ record }: Instance, run: Run | undefined): Enforcement | undefined {
  const { limits } = toAgentSpec(record.lastApplied).resources;
  if (Object.values(limits).every((limit) => limit === null)) return undefined;
  if (run?.cgroup) return `cgroup ${run.cgroup.version}`;
  return limits.memory === null ? 'none' : 'watchdog';
}

/** Whether a cgroup is worth making for these. */
function isLimited({ limits, requests }: Resources): boolean {
  return requests !== undefined || Object.values(limits).some((limit) => limit !== null);
}

/**
 * The cgroup for a run, made and limited; none where nothing is limited or none can be made. An error where something
 * is limited that only a cgroup can hold.
 */
export async function prepareCgroup(
  host: Host,
  instance: Instance,
  number: number,
  progress: (message: string) => void,
): Promise<Result<Cgroup | undefined, DriverError>> {
  const { resources } = toAgentSpec(instance.record.lastApplied);
  if (!isLimited(resources)) return ok(undefined);
  const support = host.system.cgroups();
  const reason = support ? await tryToMake(support, instance, number) : 'no cgroup can be made here';
  if (typeof reason !== 'string') return ok(reason);
  const only = resources.limits.cpu !== null ? 'cpu' : resources.limits.pids !== null ? 'pids' : undefined;
  if (only) {
    return err(
      failure('denied', `the \`${only}\` limit needs a cgroup: ${reason}`, {
        field: fieldPath('resources', 'limits', only),
        hint: `run aac as root or where cgroup v2 is delegated, or list \`resources.limits.${only}\` in \`lifecycle.bestEffort\``,
      }),
    );
  }
  if (resources.limits.memory !== null) progress(`${reason}: the memory limit is watched over instead`);
  return ok(undefined);
}

/** The cgroup, or why there is none. */
async function tryToMake(support: CgroupSupport, instance: Instance, number: number): Promise<Cgroup | string> {
  const cgroup = cgroupOf(support, `${instance.name}.${instance.nonce.slice(0, 8)}.${String(number)}`);
  try {
    await makeCgroup(cgroup, toAgentSpec(instance.record.lastApplied).resources);
    return cgroup;
  } catch (thrown) {
    await discardCgroup(cgroup);
    if (!isSystemError(thrown)) throw thrown;
    return `the cgroup cannot be made (${thrown.message})`;
  }
}

/** Holds what runs to the limits recorded for it now; the run as it is afterwards. */
export async function enforceAnew(
  host: Host,
  instance: Instance,
  run: Run,
  tree: Tree,
): Promise<Result<Run, DriverError>> {
  if (run.cgroup) {
    const { resources } = toAgentSpec(instance.record.lastApplied);
    try {
      await limitCgroup(run.cgroup, resources);
    } catch (thrown) {
      // version 1 does not lower a limit below what cannot be reclaimed; version 2 kills, and says so
      if (!isSystemError(thrown) || thrown.code !== 'EBUSY' || resources.limits.memory === null) throw thrown;
      return err(tooLow(instance, resources.limits.memory, await memoryUsed(run.cgroup)));
    }
    return ok(run);
  }
  const made = await prepareCgroup(host, instance, run.number, () => undefined);
  if (!made.ok) return made;
  if (!made.value) return ok(run);
  await moveTree(host, tree, made.value);
  const moved = { ...run, cgroup: made.value };
  await host.store(instance.record.workspace).writeRun(instance.name, moved);
  return ok(moved);
}

/** Nothing has changed then: it runs on as it was limited before. */
function tooLow({ name, record }: Instance, limit: number, used: number | undefined): DriverError {
  const agent = parseAddress(record.address)?.name ?? name;
  const now = used === undefined ? 'it uses more' : `it uses ${aboutBytes(used)}`;
  return failure('denied', `the kernel refuses \`${name}\` a memory limit of ${formatBytes(limit)} while ${now}`, {
    field: fieldPath('resources', 'limits', 'memory'),
    hint: `it runs on with the limit it had; \`aac stop ${agent}\` and apply again, or raise the limit`,
  });
}

async function moveTree(host: Host, tree: Tree, cgroup: Cgroup): Promise<void> {
  const search = createSearch(host.system, tree);
  const moved = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const rest = (await search()).filter(({ pid, started }) => !moved.has(`${String(pid)} ${started}`));
    if (rest.length === 0) return;
    for (const { pid, started } of rest) {
      moved.add(`${String(pid)} ${started}`);
      try {
        await joinCgroup(cgroup, pid);
      } catch (thrown) {
        if (!isSystemError(thrown) || thrown.code !== 'ESRCH') throw thrown; // it has ended
      }
    }
  }
}

/** The tree of a run. */
export function treeOf(instance: Instance, run: Run, latch: Tree['latch']): Tree {
  return {
    cookie: cookieOf(instance),
    ...(latch ? { latch } : {}),
    ...(run.cgroup ? { cgroup: run.cgroup } : {}),
  };
}
