import { isJsonObject, type Json } from '../../util/json.ts';
import { defaultRegistry } from './image-name.ts';

/** Who to be at a registry, as the engine's API wants it. */
export type Credentials =
  | { readonly username: string; readonly password: string; readonly serveraddress: string }
  | { readonly identitytoken: string; readonly serveraddress: string };

/** Where the docker CLI keeps the credentials of one registry. */
export type Keeping =
  | { readonly type: 'none' }
  | { readonly type: 'kept'; readonly credentials: Credentials }
  /** Ask `docker-credential-<helper> get` for `server`. */
  | { readonly type: 'helper'; readonly helper: string; readonly server: string };

/** What the docker CLI calls Docker Hub in its configuration. */
const hubServer = 'https://index.docker.io/v1/';

/** Looks a registry up in the docker CLI's `config.json`: a helper of its own, the store of all, what is written there. */
export function keepingOf(configText: string, registry: string): Keeping {
  const server = registry === defaultRegistry ? hubServer : registry;
  const config = parse(configText);
  const own = textAt(member(config, 'credHelpers'), registry) ?? textAt(member(config, 'credHelpers'), server);
  if (own !== undefined) return { type: 'helper', helper: own, server };
  const store = textAt(config, 'credsStore');
  if (store !== undefined) return { type: 'helper', helper: store, server };
  const auths = member(config, 'auths');
  const entries = isJsonObject(auths) ? Object.entries(auths) : [];
  const [, entry] =
    entries.find(([key]) => key === server) ?? entries.find(([key]) => hostOf(key) === hostOf(server)) ?? [];
  const credentials = entry === undefined ? undefined : keptCredentials(entry, server);
  return credentials ? { type: 'kept', credentials } : { type: 'none' };
}

/** What a helper has printed, as credentials. A helper says `<token>` in place of a name that there is not. */
export function helperCredentials(output: string, server: string): Credentials | undefined {
  const answer = parse(output);
  const [username, password] = [textAt(answer, 'Username'), textAt(answer, 'Secret')];
  if (username === undefined || password === undefined) return undefined;
  return username === '<token>'
    ? { identitytoken: password, serveraddress: server }
    : { username, password, serveraddress: server };
}

function keptCredentials(entry: Json, server: string): Credentials | undefined {
  const token = textAt(entry, 'identitytoken');
  if (token) return { identitytoken: token, serveraddress: server };
  const decoded = Buffer.from(textAt(entry, 'auth') ?? '', 'base64').toString('utf8');
  const at = decoded.indexOf(':');
  const username = at === -1 ? textAt(entry, 'username') : decoded.slice(0, at);
  const password = at === -1 ? textAt(entry, 'password') : decoded.slice(at + 1).replace(/\0+$/, '');
  return username && password !== undefined ? { username, password, serveraddress: server } : undefined;
}

/** The host of a key of `auths`, which may be a whole address. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').split('/')[0] ?? key;
}

function member(value: Json | undefined, key: string): Json | undefined {
  return isJsonObject(value) ? value[key] : undefined;
}

function textAt(value: Json | undefined, key: string): string | undefined {
  const found = member(value, key);
  return typeof found === 'string' ? found : undefined;
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
