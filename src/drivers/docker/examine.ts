import type { Finding } from '../../model/finding.ts';
import type { Endpoint } from './endpoint.ts';
import { storageOf } from './engine-facts.ts';
import type { EngineInfo, EngineVersion } from './engine-types.ts';
import { removalsAtOnce } from './limits.ts';

/** What an engine is and what of a manifest it can hold, from its own words. */
export function examineEngine(endpoint: Endpoint, info: EngineInfo, version: EngineVersion): readonly Finding[] {
  return [
    {
      topic: 'engine',
      status: 'ok',
      message: `Docker Engine ${info.ServerVersion}, API ${version.ApiVersion}, at ${endpoint.url} (${endpoint.chosenBy})`,
    },
    ...removals(info),
    capacity(info),
    limits(info),
    storage(info),
    security(info),
  ];
}

function removals({ ServerVersion }: EngineInfo): readonly Finding[] {
  if (removalsAtOnce(ServerVersion) > 1) return [];
  return [
    {
      topic: 'removals',
      status: 'limited',
      message: 'containers are removed one at a time, as this engine can hang when several leave a network at once',
      hint: 'Docker Engine 23 or newer does not',
    },
  ];
}

function capacity({ NCPU, MemTotal, Architecture, OperatingSystem }: EngineInfo): Finding {
  const memory = `${(MemTotal / 2 ** 30).toFixed(1)}Gi`;
  const system = [OperatingSystem, Architecture].filter((part) => part).join(', ');
  return {
    topic: 'host',
    status: 'ok',
    message: `${String(NCPU)} CPUs and ${memory} of memory for limits${system ? `; ${system}` : ''}`,
  };
}

/** The engine's own list of what its kernel can enforce; what it does not mention it can. */
function limits({ CgroupVersion, CgroupDriver, MemoryLimit, SwapLimit, CpuCfsQuota, PidsLimit }: EngineInfo): Finding {
  const missing = [
    ...(MemoryLimit === false ? ['memory'] : []),
    ...(SwapLimit === false ? ['swap'] : []),
    ...(CpuCfsQuota === false ? ['cpu'] : []),
    ...(PidsLimit === false ? ['pids'] : []),
  ];
  const cgroups = `cgroup v${CgroupVersion ?? '1'}${CgroupDriver ? ` (${CgroupDriver})` : ''}`;
  if (missing.length === 0) {
    return { topic: 'limits', status: 'ok', message: `${cgroups}: memory, swap, cpu and pids are enforced` };
  }
  return {
    topic: 'limits',
    status: 'limited',
    message: `${cgroups}: the engine cannot limit ${missing.join(', ')}`,
    hint: 'switch the cgroup controllers on in the kernel, for memory on Debian with `cgroup_enable=memory swapaccount=1`',
  };
}

function storage(info: EngineInfo): Finding {
  const { driver, bounded } = storageOf(info);
  if (bounded) {
    return { topic: 'storage', status: 'ok', message: `${driver}: \`ephemeral-storage\` can be limited` };
  }
  return {
    topic: 'storage',
    status: 'limited',
    message: `${driver}: \`ephemeral-storage\` cannot be limited`,
    hint: 'keep the engine on xfs mounted with `pquota`, on btrfs or on zfs',
  };
}

function security({ SecurityOptions }: EngineInfo): Finding {
  const names = (SecurityOptions ?? []).flatMap((option) => /(?:^|,)name=([^,]+)/.exec(option)?.[1] ?? []);
  if (names.includes('seccomp')) {
    return { topic: 'security', status: 'ok', message: names.join(', ') };
  }
  return {
    topic: 'security',
    status: 'limited',
    message: names.length > 0 ? `${names.join(', ')}, without seccomp` : 'without seccomp',
    hint: 'a `seccompProfile` has no effect on this engine; its kernel lacks it or it was switched off',
  };
}
