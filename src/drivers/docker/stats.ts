import type { DriverError } from '../../model/outcome.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { Usage } from '../driver.ts';
import type { Engine } from './engine.ts';
import type { ContainerStats } from './engine-types.ts';

/** What a container has used so far: one reading, of the counters and not of a rate. */
export async function stats(engine: Engine, ref: string, signal: AbortSignal): Promise<Result<Usage, DriverError>> {
  const answer = await engine.stats(ref, signal);
  if (!answer.ok) return answer;
  const usage = usageOf(answer.value);
  return usage
    ? ok(usage)
    : err({ code: 'not-ready', retry: 'terminal', message: `container \`${ref.slice(0, 12)}\` is not running` });
}

/**
 * The engine's answer in our words. It answers with zeros for what does not run: that is no reading, and none is given.
 * Memory is the working set, as the docker CLI has it: usage less the file pages that nobody has touched for a while.
 */
export function usageOf(answer: ContainerStats): Usage | undefined {
  const { read, cpu_stats: cpu, memory_stats: memory, pids_stats: pids, networks } = answer;
  const total = cpu.cpu_usage?.total_usage ?? 0;
  const at = Date.parse(read);
  if (total === 0 || memory?.usage === undefined || !(at > 0)) return undefined;
  const io = answer.blkio_stats?.io_service_bytes_recursive;
  return {
    at,
    cpu: total,
    memory: workingSet(memory.usage, memory.stats),
    pids: pids?.current ?? 0,
    ...(memory.limit === undefined ? {} : { memoryLimit: memory.limit }),
    ...(io ? { io: { read: transferred(io, 'read'), written: transferred(io, 'write') } } : {}),
    ...(networks
      ? {
          network: {
            received: sum(Object.values(networks).map((each) => each.rx_bytes)),
            sent: sum(Object.values(networks).map((each) => each.tx_bytes)),
          },
        }
      : {}),
  };
}

/** cgroup v1 counts the pages of the whole tree under `total_inactive_file`, v2 under `inactive_file`. */
function workingSet(usage: number, counters: NonNullable<ContainerStats['memory_stats']>['stats']): number {
  const idle = counters?.total_inactive_file ?? counters?.inactive_file ?? 0;
  return idle < usage ? usage - idle : usage;
}

function transferred(entries: readonly { readonly op: string; readonly value: number }[], operation: string): number {
  return sum(entries.filter(({ op }) => op.toLowerCase() === operation).map(({ value }) => value));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
