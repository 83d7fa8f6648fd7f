import type { AgentSpec, ResourceLimits, RestartPolicySpec } from '../../model/spec.ts';
import type { HostResources } from './engine-types.ts';

/** Scheduling period of the kernel in microseconds, as the engine sets it. */
const cpuPeriod = 100_000;

const nanoPerCore = 1e9;

/**
 * 1 PiB, for want of another way to take a memory limit off a container that stands: the engine leaves a limit as it
 * is when told 0, and refuses -1. As much or more reads as no limit.
 */
const beyondAnyMemory = 2 ** 50;

/** The engine's settings for limits, requests and the restart policy of a new container; "no limit" is left out. */
export function hostResources(spec: AgentSpec): HostResources {
  const { limits, requests } = spec.resources;
  return {
    ...(limits.cpu === null ? {} : { NanoCpus: limits.cpu }),
    // without MemorySwap the engine would allow as much swap on top
    ...(limits.memory === null ? {} : { Memory: limits.memory, MemorySwap: limits.memory }),
    ...(limits.pids === null ? {} : { PidsLimit: limits.pids }),
    ...(requests?.cpu === undefined ? {} : { CpuShares: cpuShares(requests.cpu) }),
    ...(requests?.memory === undefined ? {} : { MemoryReservation: requests.memory }),
    RestartPolicy: hostRestartPolicy(spec.restartPolicy),
  };
}

/** The engine's restart policy for ours. */
export function hostRestartPolicy({ name, maxRetries }: RestartPolicySpec): {
  readonly Name: string;
  readonly MaximumRetryCount: number;
} {
  switch (name) {
    case 'always':
      return { Name: 'always', MaximumRetryCount: 0 };
    case 'on-failure':
      return { Name: 'on-failure', MaximumRetryCount: maxRetries };
    case 'never':
      return { Name: 'no', MaximumRetryCount: 0 };
  }
}

/** CPU shares for a request in nano-cores, as the kubelet reckons them. */
export function cpuShares(nanoCores: number): number {
  return Math.max(2, Math.floor((nanoCores / nanoPerCore) * 1024));
}

/** The limits a container has. One that was set as a quota by hand reads as the cores it comes to. */
export function liveLimits(host: HostResources): ResourceLimits {
  const { NanoCpus = 0, CpuQuota = 0, CpuPeriod = 0, Memory = 0, PidsLimit } = host;
  const quota = CpuQuota > 0 ? Math.round((CpuQuota / (CpuPeriod || cpuPeriod)) * nanoPerCore) : null;
  return {
    cpu: CpuQuota === 0 ? NanoCpus || null : quota,
    memory: Memory > 0 && Memory < beyondAnyMemory ? Memory : null,
    pids: PidsLimit && PidsLimit > 0 ? PidsLimit : null,
  };
}

/**
 * The restart policy a container has; a name that is none of ours, such as `unless-stopped`, stands as it is. Retries
 * are counted by the engine only on failure, so otherwise they are what was asked for.
 */
export function liveRestartPolicy(
  host: HostResources,
  recorded: RestartPolicySpec,
): { readonly name: string; readonly maxRetries: number } {
  const { Name = '', MaximumRetryCount = 0 } = host.RestartPolicy ?? {};
  const name = Name === '' || Name === 'no' ? 'never' : Name;
  return { name, maxRetries: name === 'on-failure' ? MaximumRetryCount : recorded.maxRetries };
}

/** What a live update sets. Absent is left alone. */
export interface LiveChanges {
  readonly limits: Partial<ResourceLimits>;
  readonly restartPolicy?: RestartPolicySpec;
}

/**
 * The body of an update. The engine cannot take a CPU limit away from a container that stands: it answers 200 and
 * changes nothing. A limit that was set by hand as a quota can only be changed as one.
 */
export function updateBody({ limits, restartPolicy }: LiveChanges, host: HostResources): HostResources {
  const memory = limits.memory === null ? beyondAnyMemory : limits.memory;
  return {
    ...(limits.cpu === undefined ? {} : cpuUpdate(limits.cpu, host)),
    ...(memory === undefined ? {} : { Memory: memory, MemorySwap: memory }),
    ...(limits.pids === undefined ? {} : { PidsLimit: limits.pids ?? -1 }),
    ...(restartPolicy ? { RestartPolicy: hostRestartPolicy(restartPolicy) } : {}),
  };
}

function cpuUpdate(cpu: number | null, { NanoCpus = 0, CpuQuota = 0 }: HostResources): HostResources {
  if (NanoCpus === 0 && CpuQuota !== 0) {
    return { CpuPeriod: cpuPeriod, CpuQuota: cpu === null ? -1 : Math.round((cpu / nanoPerCore) * cpuPeriod) };
  }
  return cpu === null ? {} : { NanoCpus: cpu };
}
