import type { AgentEvent } from '../model/agent-event.ts';
import type { Address } from '../model/address.ts';
import type { Supervised } from './companion.ts';
import type { WatchEvent } from './watch-event.ts';

/**
 * What `aac events` is to tell of something that a watch has noticed. The health of what an engine supervises is left to
 * its own events. `at` in milliseconds since the epoch.
 */
export function agentEventsOf(
  event: WatchEvent,
  at: number,
  agents: readonly Supervised[],
  tellsHealth: (agent: Supervised['agent']) => boolean,
): readonly AgentEvent[] {
  switch (event.type) {
    case 'healthy':
    case 'unhealthy': {
      const agent = agentAt(event.address, agents);
      if (!agent || tellsHealth(agent)) return [];
      const { driver, address, name, ref } = agent;
      const detail = event.type === 'unhealthy' ? { detail: event.message } : {};
      return [{ source: driver, type: 'health', at, address, name, ref, health: event.type, ...detail }];
    }
    case 'dependency-unwell':
      return event.dependents.map((address) => ({
        source: 'aac',
        type: 'dependency-unwell',
        at,
        address,
        dependency: event.address,
      }));
    case 'gave-up':
      return [{ source: 'aac', type: 'gave-up', at, address: event.address, because: event.because }];
    case 'rolled-back': {
      const { address, to, failed } = event;
      return [{ source: 'aac', type: 'rolled-back', at, agent: address.replace(/^agent\//, ''), to, failed }];
    }
    case 'run-started':
    case 'reconciled':
    case 'failed':
    case 'drift':
    case 'healed':
    case 'restarted':
    case 'scaled':
    case 'suspended':
    case 'waiting-for-window':
      return []; // steps of plans and what drivers see say it
  }
}

function agentAt(address: Address, agents: readonly Supervised[]): Supervised['agent'] | undefined {
  return agents.find(({ agent }) => agent.address === address)?.agent;
}
