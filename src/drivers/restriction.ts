import { agentTemplate } from '../model/address.ts';
import type { Agent } from '../model/agent.ts';
import type { DiagnosticCode } from '../model/codes.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { edgeProxy } from '../model/edge.ts';

/** Whether the way out of an agent is restricted. */
export function isRestricted(agent: Agent): boolean {
  return !agent.network.allowExternalConnections;
}

/**
 * What tells programs that know proxies to go by the edge at `host`; nothing where the agent may go nowhere. `near` are
 * names that are not to be asked for there.
 */
export function proxyVariables(agent: Agent, host: string, near: readonly string[]): Readonly<Record<string, string>> {
  if (agent.network.allowedHosts.length === 0) return {};
  const proxy = `http://${host}:${String(edgeProxy.port)}`;
  const direct = ['localhost', '127.0.0.1', ...near].join(',');
  return {
    ...Object.fromEntries(['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].map((name) => [name, proxy])),
    ...Object.fromEntries(['NO_PROXY', 'no_proxy'].map((name) => [name, direct])),
    NODE_USE_ENV_PROXY: '1',
  };
}

/** Something to say about the restriction of an agent, at the line of a field or of the restriction. */
export function remark(
  agent: Agent,
  said: { readonly field: string; readonly code: DiagnosticCode; readonly message: string; readonly hint: string },
): Diagnostic {
  const { field, code, message, hint } = said;
  const range = [field, 'network.security']
    .map((name) => agent.written.find((written) => written.name === name || written.name.startsWith(`${name}.`)))
    .find((written) => written !== undefined)
    ?.range();
  const severity = code === 'unreachable-model' ? 'warning' : 'error';
  return { code, severity, message, hint, address: agentTemplate(agent.name), ...(range ? { range } : {}) };
}

/** The ports of a restricted agent that the edge cannot hold. */
export function unpublishable(agent: Agent): readonly Diagnostic[] {
  return Object.entries(agent.ports)
    .filter(([, { host }]) => typeof host !== 'number' || host === 0)
    .map(([port, { host }]) =>
      remark(agent, {
        field: 'ports',
        code: 'unsupported-field',
        message: `port \`${port}\` of an agent with a restricted way out cannot be published at \`${String(host)}\` yet`,
        hint: 'give one fixed host port: the edge holds it',
      }),
    );
}

/** Where the models of a provider answer. */
const providers: Readonly<Record<string, string>> = {
  anthropic: 'api.anthropic.com',
  cohere: 'api.cohere.com',
  deepseek: 'api.deepseek.com',
  google: 'generativelanguage.googleapis.com',
  groq: 'api.groq.com',
  mistral: 'api.mistral.ai',
  openai: 'api.openai.com',
  openrouter: 'openrouter.ai',
  xai: 'api.x.ai',
};

/** A warning where a restricted agent cannot reach its own model. */
export function unreachableModel(agent: Agent): readonly Diagnostic[] {
  const api = providers[agent.model?.provider.toLowerCase() ?? ''];
  const allows = ({ host }: { host: string }): boolean =>
    host === api || (host.startsWith('*.') && api?.endsWith(host.slice(1)) === true);
  if (api === undefined || agent.network.allowedHosts.some(allows)) return [];
  return [
    remark(agent, {
      field: 'network.security.allowedHosts',
      code: 'unreachable-model',
      message: `\`allowedHosts\` lacks \`${api}\`, where the models of \`${agent.model?.provider ?? ''}\` answer`,
      hint: `add \`${api}\` if the agent talks to its model itself`,
    }),
  ];
}
