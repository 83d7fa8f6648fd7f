import type { AgentNetwork } from '../../model/agent.ts';
import type { AllowedHost } from '../../model/edge.ts';
import { didYouMean } from '../nearest-word.ts';
import { fieldPlace, type ResolveContext } from './context.ts';

/** How the agent is connected; a mode that names no network of the project is an error. */
export function resolveNetwork(context: ResolveContext): AgentNetwork {
  const {
    mode,
    dns = [],
    dnsSearch = [],
    aliases = [],
    extraHosts = {},
    security,
  } = context.merged.fields.network ?? {};
  const { allowExternalConnections = true, allowedHosts = [] } = security ?? {};
  if (allowExternalConnections && allowedHosts.length > 0) {
    context.reporter.error(
      'conflicting-fields',
      '`allowedHosts` lists where the agent may connect to, yet all connections are allowed',
      fieldPlace(context, 'network', 'security', 'allowedHosts'),
      { hint: 'write `allowExternalConnections: false` beside it, or take the list out', part: 'key' },
    );
  }
  if (aliases.length > 0 && (mode === 'host' || mode === 'none')) {
    context.reporter.error(
      'conflicting-fields',
      `\`aliases\` means nothing beside \`mode: ${mode}\``,
      fieldPlace(context, 'network', 'aliases'),
      { hint: 'an agent has other names on a network of the project alone', part: 'key' },
    );
  }
  return {
    mode: modeOf(context, mode),
    dns,
    dnsSearch,
    aliases,
    extraHosts,
    allowExternalConnections,
    allowedHosts: allowedHosts.map(allowedHostOf),
  };
}

/** An entry in one form, whichever way it was written. */
function allowedHostOf(
  written:
    string | { readonly host: string; readonly port?: number | undefined; readonly private?: boolean | undefined },
): AllowedHost {
  const entry = typeof written === 'string' ? { host: written, port: undefined, private: undefined } : written;
  const [host = '', port] = entry.host.toLowerCase().split(':');
  const number = entry.port ?? (port === undefined ? undefined : Number(port));
  return { host, ...(number === undefined ? {} : { port: number }), ...(entry.private ? { private: true } : {}) };
}

function modeOf(context: ResolveContext, mode: string | undefined): AgentNetwork['mode'] {
  switch (mode) {
    case undefined:
    case 'bridge':
    case 'default': // the network that `bridge` means
      return { type: 'bridge' };
    case 'host':
    case 'none':
      return { type: mode };
    default:
      break;
  }
  if (!context.networks.includes(mode)) {
    const candidates = ['bridge', 'host', 'none', ...context.networks];
    context.reporter.error(
      'unknown-reference',
      `\`${mode}\` is no network of the project`,
      fieldPlace(context, 'network', 'mode'),
      { hint: didYouMean(mode, candidates) ?? "declare it under `spec.networks` of the project's `aac.yaml`" },
    );
  }
  return { type: 'named', name: mode };
}
