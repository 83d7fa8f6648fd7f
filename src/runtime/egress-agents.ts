import { parseAddress } from '../model/address.ts';
import type { Agent } from '../model/agent.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import { unknownAgents } from './select-agents.ts';
import type { Workspace } from './workspace.ts';

/** The declared agents whose way out is restricted. */
export function restrictedAgents({ reading }: Pick<Workspace, 'reading'>): readonly Agent[] {
  return reading.agents.filter(({ network }) => !network.allowExternalConnections);
}

/** The names that no edge can know: those of nobody, and of single replicas, which all may reach the same. */
export function unknownToEdges(
  names: readonly string[],
  { reading }: Pick<Workspace, 'reading'>,
  agents: readonly ObservedResource[],
): readonly Diagnostic[] {
  const unknown = unknownAgents(names, agents, [...reading.agents.map(({ name }) => name)]);
  const replicas = names.filter((name) =>
    agents.some(({ address }) => address === `agent/${name}` && parseAddress(address)?.name !== name),
  );
  return [
    ...unknown,
    ...replicas.map((name): Diagnostic => ({
      code: 'unknown-agent',
      severity: 'error',
      message: `\`${name}\` is one replica, and what an agent may reach holds for all of them`,
      hint: `say \`${name.split('/')[0] ?? ''}\``,
    })),
  ];
}

/** Why no edge decides on anything: nothing has to be decided, which is a note, or the edge is missing. */
export function withoutEdge(workspace: Pick<Workspace, 'reading'>): Diagnostic {
  const name = workspace.reading.project.workspace;
  const restricted = restrictedAgents(workspace);
  const note = (message: string, hint: string): Diagnostic => ({ code: 'no-edge', severity: 'note', message, hint });
  if (restricted.length === 0) {
    return note(
      `no agent of ${name} has a restricted way out, so nothing is decided`,
      '`network.security.allowExternalConnections: false` restricts one',
    );
  }
  if (restricted.every(hasNoWayOut)) {
    return note(
      `the restricted agents of ${name} have no way out at all, so nothing is decided`,
      '`network.security.allowedHosts` lets them out',
    );
  }
  return {
    code: 'no-edge',
    severity: 'error',
    message: `no edge of ${name} stands, which alone would let its restricted agents out`,
    hint: '`aac apply` makes it',
  };
}

/** Whether an agent reaches neither hosts nor siblings. */
export function hasNoWayOut({ network, services }: Agent): boolean {
  if (network.mode.type === 'none') return true;
  const calls = services.some(({ host, port }) => host === undefined && port !== undefined);
  return !network.allowExternalConnections && network.allowedHosts.length === 0 && !calls;
}
