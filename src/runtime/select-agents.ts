import { didYouMean } from '../manifest/nearest-word.ts';
import { parseAddress, type Address } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import { agentLabel } from './open-logs.ts';

/** Whether people may call the object so: `web` all its replicas, `web/0` one, `run/adhoc` one of `aac run`. */
export function isNamed(resource: ObservedResource, name: string): boolean {
  return isCalled(resource.address, name);
}

/** The same for an address at which nothing need stand. */
export function isCalled(address: Address, name: string): boolean {
  return parseAddress(address)?.name === name || address === name || address === `agent/${name}`;
}

/** The names that mean nothing: neither declared nor standing. `declared` are the agents of the manifests. */
export function unknownAgents(
  names: readonly string[],
  agents: readonly ObservedResource[],
  declared: readonly string[],
): readonly Diagnostic[] {
  const known = [...new Set([...declared, ...agents.map(({ address }) => parseAddress(address)?.name ?? address)])];
  return names
    .filter((name) => !declared.includes(name) && !agents.some((agent) => isNamed(agent, name)))
    .map((name): Diagnostic => {
      const [agent = ''] = name.split('/');
      const replicas = agents.filter((each) => isNamed(each, agent)).map(agentLabel);
      const isReplica = name !== agent && known.includes(agent);
      return {
        code: 'unknown-agent',
        severity: 'error',
        message: isReplica ? `agent \`${agent}\` has no replica \`${name}\`` : `there is no agent \`${name}\``,
        hint: isReplica
          ? `those that stand are: ${replicas.join(', ') || 'none'}`
          : (didYouMean(name, known) ?? `agents are: ${known.join(', ') || 'none'}`),
      };
    });
}
