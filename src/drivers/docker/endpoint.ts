import { createHash } from 'node:crypto';
import type { DriverError } from '../../model/outcome.ts';
import { isJsonObject, type Json } from '../../util/json.ts';
import { err, ok, type Result } from '../../util/result.ts';

/** Where the engine listens, and what chose it. */
export interface Endpoint {
  /** As people write it: `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2376`. */
  readonly url: string;
  /** A few words: `chosen by DOCKER_HOST`, `the default`. */
  readonly chosenBy: string;
  readonly address:
    | { readonly type: 'socket'; readonly path: string }
    | { readonly type: 'tcp'; readonly host: string; readonly port: number; readonly tls?: TlsSettings };
}

/** How to speak TLS; certificates are PEM texts. */
export interface TlsSettings {
  readonly verify: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** What names the engine: an address, or a docker context whose files hold it. */
export type EndpointChoice =
  | { readonly type: 'url'; readonly url: string; readonly chosenBy: string }
  | { readonly type: 'context'; readonly name: string; readonly chosenBy: string };

/** Where TLS files lie, and whether the engine's certificate has to be right. */
export interface TlsFolder {
  readonly folder: string;
  readonly verify: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The port of an engine address without one: plain, and with TLS. */
const defaultPorts = { plain: 2375, tls: 2376 } as const;

/**
 * Which engine, in the docker CLI's order: the project's `docker.host`, DOCKER_HOST, DOCKER_CONTEXT, the current
 * context of its configuration, the default socket.
 */
export function chooseEndpoint(
  host: string | undefined,
  environment: Environment,
  currentContext: string | undefined,
): EndpointChoice {
  if (host) return { type: 'url', url: host, chosenBy: "chosen by the project's `docker.host`" };
  if (environment.DOCKER_HOST) {
    return { type: 'url', url: environment.DOCKER_HOST, chosenBy: 'chosen by DOCKER_HOST' };
  }
  const named = environment.DOCKER_CONTEXT
    ? { name: environment.DOCKER_CONTEXT, chosenBy: 'chosen by DOCKER_CONTEXT' }
    : { name: currentContext, chosenBy: `chosen by the docker context \`${currentContext ?? ''}\`` };
  if (named.name && named.name !== 'default') return { type: 'context', name: named.name, chosenBy: named.chosenBy };
  return { type: 'url', url: 'unix:///var/run/docker.sock', chosenBy: 'the default' };
}

/** Whether and where the docker CLI would read TLS files for an address that no context gives. */
export function tlsFolder(environment: Environment, configFolder: string): TlsFolder | undefined {
  const verify = Boolean(environment.DOCKER_TLS_VERIFY);
  if (!verify && !environment.DOCKER_TLS) return undefined;
  return { folder: environment.DOCKER_CERT_PATH ?? configFolder, verify };
}

/** The endpoint behind an engine address; TLS settings count only over TCP. */
export function parseEndpoint(
  url: string,
  chosenBy: string,
  tls: TlsSettings | undefined,
): Result<Endpoint, DriverError> {
  const [, scheme = 'tcp', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/.exec(url) ?? [];
  switch (scheme) {
    case 'unix':
    case 'npipe':
      return rest
        ? ok({ url, chosenBy, address: { type: 'socket', path: rest } })
        : err(unusable(url, chosenBy, 'it names no socket'));
    case 'tcp':
    case 'http':
    case 'https': {
      const settings = tls ?? (scheme === 'https' ? { verify: true } : undefined);
      const parsed = parseUrl(`http://${rest}`);
      if (!parsed?.hostname) return err(unusable(url, chosenBy, 'it names no host'));
      const port = Number(parsed.port) || (settings ? defaultPorts.tls : defaultPorts.plain);
      const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
      return ok({ url, chosenBy, address: { type: 'tcp', host, port, ...(settings ? { tls: settings } : {}) } });
    }
    default:
      return err(unusable(url, chosenBy, `\`${scheme}://\` is not supported; unix, tcp and npipe are`));
  }
}

/** The folder in which the docker CLI keeps a context: the SHA-256 of its name. */
export function contextId(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

/** The engine address that a context's `meta.json` holds; `undefined` when it holds none. */
export function readContext(text: string): { readonly url: string; readonly verify: boolean } | undefined {
  const docker = member(member(parseJson(text), 'Endpoints'), 'docker');
  const host = member(docker, 'Host');
  return typeof host === 'string' ? { url: host, verify: member(docker, 'SkipTLSVerify') !== true } : undefined;
}

/** The current context that the docker CLI's `config.json` names, if any. */
export function readCurrentContext(text: string): string | undefined {
  const name = member(parseJson(text), 'currentContext');
  return typeof name === 'string' ? name : undefined;
}

/** The error for an address that cannot even be tried. */
export function unusable(url: string, chosenBy: string, why: string): DriverError {
  return {
    code: 'unreachable',
    retry: 'terminal',
    message: `the engine address \`${url}\` cannot be used (${chosenBy}): ${why}`,
    hint: 'name an engine as `unix:///path` or `tcp://host:port`',
  };
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function member(value: Json | undefined, key: string): Json | undefined {
  return isJsonObject(value) ? value[key] : undefined;
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
