import type { Agent } from '../../model/agent.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { EdgeClient } from '../../model/edge.ts';
import type { AgentSpec } from '../../model/spec.ts';
import { isRestricted, proxyVariables, remark, unpublishable, unreachableModel } from '../restriction.ts';
import type { Unsupported } from '../compile.ts';
import type { Machine } from './machine.ts';

/** What stands in the place of a network in the spec of an agent that has none but the edge. */
export const apartNetwork = 'apart';

/** Whether the agent runs where it reaches nothing but the edge: it asks for that, and the machine can hold it to it. */
export function isApart(agent: Agent, { sandbox }: Pick<Machine, 'sandbox'>): boolean {
  return isRestricted(agent) && sandbox?.().status === 'works';
}

/** The restriction, where the machine cannot hold a process to it. */
export function refuseRestriction(agent: Agent, { sandbox }: Pick<Machine, 'sandbox'>): readonly Unsupported[] {
  if (!isRestricted(agent)) return [];
  const found = sandbox?.() ?? { status: 'missing', message: 'bubblewrap is not installed', hint: '' };
  if (found.status === 'works') return [];
  const remedy = found.hint === '' ? '' : `: ${found.hint}`;
  const hint = `${found.message}${remedy}, or list it in \`lifecycle.bestEffort\` to run without it`;
  return [{ field: 'network.security', when: 'never', hint }];
}

/** What an agent apart cannot have, and a warning where it cannot reach its own model. */
export function checkApart(agent: Agent, machine: Machine): readonly Diagnostic[] {
  if (!isApart(agent, machine)) return [];
  const refused = (field: string, message: string, hint: string): Diagnostic =>
    remark(agent, { field, code: 'unsupported-field', message, hint });
  const { healthCheck, network, ports, security } = agent;
  const user = security.runAsUser ?? machine.user;
  const shared =
    '`network.mode: host` contradicts a restricted way out: it would share all the connections of the machine';
  return [
    ...(network.mode.type === 'host'
      ? [
          remark(agent, {
            field: 'network.mode',
            code: 'conflicting-fields',
            message: shared,
            hint: 'take one of them out',
          }),
        ]
      : []),
    ...unpublishable(agent),
    ...(Object.keys(ports).some((port) => port.endsWith('/udp'))
      ? [refused('ports', 'a local process with a restricted way out cannot be sent datagrams yet', 'use tcp')]
      : []),
    ...(healthCheck?.type === 'command'
      ? [
          refused(
            'healthCheck.command',
            'a command would run outside of the restriction, which is not supported yet',
            'check `path`, `port` or a file instead',
          ),
        ]
      : []),
    ...(user === machine.user
      ? []
      : [
          refused(
            'security.runAsUser',
            'a restricted way out beside another user than that of aac is not supported yet by the process driver',
            'take one of them out',
          ),
        ]),
    ...unreachableModel(agent),
  ];
}

/** The agent's variables, with those that programs who know proxies look for. */
export function apartEnvironment(agent: Agent): Agent['environment'] {
  return { ...proxyVariables(agent, '127.0.0.1', []), ...agent.environment };
}

/** How it is connected: the names it may use lead to the edge, whatever the program knows of proxies. */
export function apartAttachment({ name, network }: Agent): Pick<AgentSpec, 'network'> {
  const hosts = network.allowedHosts.flatMap(({ host }) =>
    host.startsWith('*.') ? [] : [[host, '127.0.0.1'] as const],
  );
  return {
    network: {
      name: apartNetwork,
      aliases: [name],
      ...(hosts.length > 0 ? { extraHosts: Object.fromEntries(hosts) } : {}),
    },
  };
}

/** What the edge lets the agent do; nothing where it may go nowhere. */
export function clientOf({ network }: Agent): EdgeClient | undefined {
  return network.allowedHosts.length === 0 ? undefined : { subnets: [], allow: network.allowedHosts, services: {} };
}
