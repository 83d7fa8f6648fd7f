import type { ObservedResource } from '../../model/observed.ts';
import { toAgentSpec } from '../../model/spec.ts';
import { isRunning } from '../../model/version.ts';
import type { AgentUsage } from '../../runtime/sample-usage.ts';
import type { ReplicaSample, UtilizationTarget } from './propose.ts';

/** Whether one life of an object is ready, and since when. Milliseconds since the epoch. */
export interface Readiness {
  readonly life: string;
  readonly ready: boolean;
  readonly changedAt: number;
}

/**
 * The readiness of an object that is seen now. `turnedAt`: when its check last changed its mind, as far as anybody heard;
 * else a life that is seen first has been so from its start, and one that has changed since the look before, since now.
 */
export function readinessOf(
  before: Readiness | undefined,
  agent: ObservedResource,
  turnedAt: number | undefined,
  now: number,
): Readiness {
  const life = agent.startedAt ?? '';
  const hasCheck = toAgentSpec(agent.record.lastApplied).healthCheck !== undefined;
  const ready = agent.phase === 'running' && (!hasCheck || agent.health === 'healthy');
  const isSameLife = before?.life === life;
  if (isSameLife && before.ready === ready) return before;
  const started = Date.parse(life);
  const heard = hasCheck && turnedAt !== undefined && turnedAt >= started ? turnedAt : undefined;
  return { life, ready, changedAt: heard ?? (isSameLife ? now : started) };
}

/**
 * The replicas of an agent as one metric sees them. One that has stopped counts among them as not measured, never as
 * idle; what is going away or beyond starting does not count. Of two generations at one address the one that runs does.
 */
export function samplesOf(
  usages: readonly AgentUsage[],
  readiness: ReadonlyMap<string, Readiness>,
  resource: UtilizationTarget['resource'],
): readonly ReplicaSample[] {
  const standing = usages.filter(({ agent }) => agent.phase !== 'removing' && agent.phase !== 'dead');
  const byAddress = new Map([...standing].sort(leastTelling).map((usage) => [usage.agent.address, usage]));
  return [...byAddress.values()].map((usage) => {
    const { ref, startedAt, phase } = usage.agent;
    const known = readiness.get(ref);
    const measured = measuredOf(usage, resource);
    return {
      running: phase !== 'created',
      ready: known?.ready ?? false,
      ...(startedAt === undefined ? {} : { startedAt: Date.parse(startedAt) }),
      ...(known ? { readyChangedAt: known.changedAt } : {}),
      ...(measured ? { usage: measured } : {}),
    };
  });
}

function leastTelling({ agent: left }: AgentUsage, { agent: right }: AgentUsage): number {
  return Number(isRunning(left)) - Number(isRunning(right)) || left.record.generation - right.record.generation;
}

function measuredOf(usage: AgentUsage, resource: UtilizationTarget['resource']): ReplicaSample['usage'] {
  if (usage.status !== 'measured') return undefined;
  const { at, memory } = usage.usage;
  if (resource === 'memory') return { value: memory, at, window: 0 };
  const { cores, window } = usage;
  return cores === undefined || window === undefined ? undefined : { value: Math.round(cores * 1e9), at, window };
}
