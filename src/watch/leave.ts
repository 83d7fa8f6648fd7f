import type { ObservedResource } from '../model/observed.ts';
import { toAgentSpec } from '../model/spec.ts';

/**
 * Why a sync run does not start an agent that has ended: the supervisor does, with its backoff, or has decided not to.
 * An agent that aac itself had stopped, or that never ran, is the sync run's own. `restartsEnded`: nobody else restarts
 * this agent.
 */
export function leftToSupervisor(agent: ObservedResource, restartsEnded: boolean, now: number): string | undefined {
  if (agent.kind !== 'agent' || agent.phase !== 'exited' || agent.stopRequested) return undefined;
  const { restartPolicy } = toAgentSpec(agent.record.lastApplied);
  if (restartPolicy.name === 'never') return 'it has ended, and `restartPolicy: never` leaves it at that';
  if (!restartsEnded) return undefined;
  const state = agent.supervision?.state;
  switch (state?.type) {
    case 'waiting':
      return `${state.because}; restarted in ${(Math.max(0, state.until - now) / 1_000).toFixed(0)} s`;
    case 'failed':
      return state.because;
    case 'done':
      return 'it has ended, and its restart policy leaves it at that';
    case 'restarting':
    case 'running':
    case 'stopped':
    case undefined:
      return 'it has ended, and its restart policy decides what follows';
  }
}
