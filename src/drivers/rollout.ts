import { agentTemplate } from '../model/address.ts';
import type { Agent, DriverName } from '../model/agent.ts';
import type { Rollout } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';

/**
 * How the replicas of an agent change places. Unless the manifest says, `recreate` where old and new would hold
 * something at the same time that only one may hold, else `rolling`.
 */
export function rolloutOf(agent: Agent): Rollout {
  const { strategy = holdsAlone(agent) ? 'recreate' : 'rolling', maxSurge, maxUnavailable } = agent.deployment;
  return strategy === 'rolling' ? { strategy, maxSurge, maxUnavailable } : { strategy };
}

/** Whether the agent is published at a host port that is given, alone or in a range. */
export function holdsHostPort({ ports }: Agent): boolean {
  return Object.values(ports).some(({ host }) => host !== 0);
}

/** A fixed host port, or something that can be written to. */
function holdsAlone(agent: Agent): boolean {
  const writable = agent.volumes.some(({ type, readOnly }) => (type === 'bind' || type === 'volume') && !readOnly);
  return writable || holdsHostPort(agent);
}

/**
 * What rolling cannot do with the host ports of an agent, at the line that asks for it: one port cannot be held twice,
 * and each replica has its own place in a range, so that there the old one has to be allowed to go first.
 */
export function refuseRollingPorts(agent: Agent, driver: DriverName): readonly Diagnostic[] {
  const { strategy, maxUnavailable } = agent.deployment;
  const fixed = Object.values(agent.ports).filter(({ host }) => host !== 0);
  if (strategy !== 'rolling' || fixed.length === 0) return [];
  const isRange = fixed.every(({ host }) => typeof host === 'string' && host.includes('-'));
  if (isRange && maxUnavailable > 0) return [];
  const { host } = fixed.find((port) => typeof port.host === 'number') ?? fixed[0] ?? { host: 0 };
  const field = 'deployment.strategy';
  const bestEffort = agent.lifecycle.bestEffort.some((name) => name === field || name === 'deployment');
  const range = agent.written.find(({ name }) => name === field)?.range();
  return [
    {
      code: 'unsupported-field',
      severity: bestEffort ? 'warning' : 'error',
      message: isRange
        ? `\`deployment.strategy: rolling\` needs \`maxUnavailable\` above 0 beside the host ports \`${String(host)}\`: each replica has its own`
        : `\`deployment.strategy: rolling\` is not supported yet by the ${driver} driver beside a fixed host port, \`${String(host)}\``,
      hint: bestEffort
        ? 'each old one stops before its successor starts, as `lifecycle.bestEffort` allows'
        : isRange
          ? 'write `maxSurge: 0` and `maxUnavailable: 1`, or `host: 0` for any free port'
          : 'take it out, so that the old one stops before the new one starts, or write `host: 0` for any free port',
      address: agentTemplate(agent.name),
      ...(range ? { range } : {}),
    },
  ];
}
