import type { Agent } from '../../model/agent.ts';
import type { ScalingMemory } from '../../model/scaling.ts';
import { err, type Result } from '../../util/result.ts';
import { proposeReplicas, type Proposal, type ReplicaSample, type UtilizationTarget } from './propose.ts';
import { recommendReplicas } from './recommend.ts';

/** An agent whose number of replicas follows its load. */
export type ScaledAgent = Agent & { readonly replicas: Required<Agent['replicas']> };

/** Whether an agent is one. */
export function isScaled(agent: Agent): agent is ScaledAgent {
  return agent.replicas.autoscaling !== undefined;
}

/** How many replicas an agent is to have. */
export interface ScaleDecision {
  readonly replicas: number;
  /** What it goes by, as in `cpu 85 % of 70 %`. */
  readonly because: string;
  readonly memory: ScalingMemory;
}

/** What the load of the replicas is to be. What one asks for is its request, else, as in Kubernetes, its limit. */
export function targetsOf({ replicas, resources }: ScaledAgent): readonly UtilizationTarget[] {
  const { targetCpuPercent, targetMemoryPercent } = replicas.autoscaling;
  const { requests, limits } = resources;
  const targetOf = (
    resource: UtilizationTarget['resource'],
    percent: number | undefined,
  ): readonly UtilizationTarget[] => {
    if (percent === undefined) return [];
    const request = requests[resource] ?? limits[resource];
    return [{ resource, percent, ...(request === undefined ? {} : { request }) }];
  };
  return [...targetOf('cpu', targetCpuPercent), ...targetOf('memory', targetMemoryPercent)];
}

/** Decides by what the replicas use now and what is remembered of them. */
export function decideScale(
  agent: ScaledAgent,
  current: number,
  samples: (resource: UtilizationTarget['resource']) => readonly ReplicaSample[],
  memory: ScalingMemory,
  now: number,
): ScaleDecision {
  const { min, max } = agent.replicas.autoscaling;
  const targets = targetsOf(agent);
  const proposals = targets.map((target) => proposeReplicas(samples(target.resource), target, current, now));
  const asked = proposals.map((each): Result<number, string> =>
    each.ok ? { ok: true, value: each.value.replicas } : each,
  );
  const next = recommendReplicas(current, asked, agent.replicas.autoscaling, memory, now);
  const bound = current < min ? `no fewer than ${String(min)}` : `no more than ${String(max)}`;
  const because = next.reason === 'within bounds' ? bound : describe(targets, proposals);
  return { replicas: next.replicas, because, memory: next.memory };
}

function describe(targets: readonly UtilizationTarget[], proposals: readonly Result<Proposal, string>[]): string {
  return targets
    .map(({ resource, percent }, index) => {
      const proposal = proposals[index] ?? err(`${resource} of no replica is known`);
      if (!proposal.ok) return proposal.error;
      return `${resource} ${String(proposal.value.utilization)} % of ${String(percent)} %`;
    })
    .join(', ');
}
