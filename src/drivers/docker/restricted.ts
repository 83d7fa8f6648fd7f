import type { Agent, Project } from '../../model/agent.ts';
import type { DiagnosticCode } from '../../model/codes.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { agentTemplate } from '../../model/address.ts';
import { edgeProxy } from '../../model/edge.ts';
import { isRestricted, proxyVariables, remark, unpublishable, unreachableModel } from '../restriction.ts';

/** The network that a restricted agent has to itself, but for the edge. */
export function ownNetwork(agent: Agent): string {
  return `egress-${agent.name}`;
}

/** Whether a restricted agent needs the edge: it may go somewhere, somebody may come, or its health is asked for. */
export function meetsEdge(agent: Agent): boolean {
  if (!isRestricted(agent) || agent.network.mode.type === 'none') return false;
  const { healthCheck, network, ports, services } = agent;
  const probed = healthCheck?.type === 'http' || healthCheck?.type === 'tcp';
  return network.allowedHosts.length > 0 || Object.keys(ports).length > 0 || siblings(services).length > 0 || probed;
}

/** The services that are agents of the project. */
export function siblings(services: Agent['services']): readonly (Agent['services'][number] & { port: number })[] {
  return services.flatMap((service) =>
    service.host === undefined && service.port !== undefined ? [{ ...service, port: service.port }] : [],
  );
}

/**
 * A restricted agent as its containers see it: on a network of its own, with no name server but the engine's for the
 * names on it, and with the edge as the proxy of programs that know proxies.
 */
export function restricted(agent: Agent): Agent {
  if (!isRestricted(agent) || agent.network.mode.type === 'none') return agent;
  const near = siblings(agent.services).map(({ name }) => name);
  return {
    ...agent,
    environment: {
      ...proxyVariables(agent, edgeProxy.host, near),
      ...agent.environment,
    },
    network: {
      ...agent.network,
      mode: { type: 'named', name: ownNetwork(agent) },
      dns: ['127.0.0.1'], // nobody: names of the outside are not even asked for
    },
  };
}

/** What contradicts a restriction, and a warning where the agent cannot reach its own model. */
export function checkRestriction(agent: Agent, project: Project): readonly Diagnostic[] {
  if (!isRestricted(agent)) return [];
  const { mode, dns } = agent.network;
  const found: Diagnostic[] = [];
  const say = (field: string, message: string, hint: string, code: DiagnosticCode = 'conflicting-fields'): void => {
    found.push(remark(agent, { field, message, hint, code }));
  };
  if (mode.type === 'host' || mode.type === 'named') {
    const why =
      mode.type === 'host' ? 'it would share all the connections of the machine' : 'it needs a network of its own';
    const name = mode.type === 'host' ? 'host' : mode.name;
    say('network.mode', `\`network.mode: ${name}\` contradicts a restricted way out: ${why}`, 'take one of them out');
  }
  if (dns.length > 0) {
    const message = '`network.dns` contradicts a restricted way out: names can be used to tell the outside something';
    say('network.dns', message, 'take one of them out; the edge asks the servers in `spec.edge.dns` of the project');
  }
  if (project.networks[ownNetwork(agent)]) {
    const message = `the project's network \`${ownNetwork(agent)}\` has the name of the one that the agent needs to itself`;
    say('network.security', message, 'give the network of the project another name');
  }
  const called = siblings(agent.services).map(({ port }) => port);
  if (new Set(called).size < called.length) {
    const message =
      'two services of an agent with a restricted way out are called on one port, which is not supported yet';
    say('services', message, 'have one of them listen on another port', 'unsupported-field');
  }
  return [...found, ...unpublishable(agent), ...(mode.type === 'none' ? [] : unreachableModel(agent))];
}

/** Callers of a restricted agent stand on another network, and the edge does not lead them in. */
export function checkCallers(agents: readonly Agent[]): readonly Diagnostic[] {
  const walled = new Set(agents.filter(isRestricted).map(({ name }) => name));
  return agents
    .filter((agent) => !isRestricted(agent))
    .flatMap((agent) =>
      agent.services
        .filter(({ name, host }) => host === undefined && walled.has(name))
        .map(({ name }): Diagnostic => {
          const range = agent.written.find((field) => field.name === 'services')?.range();
          return {
            code: 'unsupported-field',
            severity: 'error',
            message: `\`${agent.name}\` cannot call \`${name}\` yet, whose way out is restricted: it is on a network of its own`,
            hint: `call it at a host port of \`${name}\``,
            address: agentTemplate(agent.name),
            ...(range ? { range } : {}),
          };
        }),
    );
}
