import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { DriverError } from '../../model/outcome.ts';
import { err, type Result } from '../../util/result.ts';
import {
  chooseEndpoint,
  contextId,
  parseEndpoint,
  readContext,
  readCurrentContext,
  tlsFolder,
  type Endpoint,
  type TlsSettings,
} from './endpoint.ts';

/** What the choice of an engine depends on. */
export interface EndpointOptions {
  /** The project's `docker.host`. */
  readonly host?: string;
  /** The caller's environment: DOCKER_HOST and its kin. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Reads what the docker CLI would read to find its engine: its configuration, contexts and TLS files. */
export async function resolveEndpoint({ host, environment }: EndpointOptions): Promise<Result<Endpoint, DriverError>> {
  const configFolder = environment.DOCKER_CONFIG ?? join(environment.HOME ?? homedir(), '.docker');
  const decided = Boolean(host ?? environment.DOCKER_HOST ?? environment.DOCKER_CONTEXT);
  const config = decided ? undefined : await textOf(join(configFolder, 'config.json'));
  const choice = chooseEndpoint(host, environment, config === undefined ? undefined : readCurrentContext(config));
  if (choice.type === 'url') {
    const tls = choice.url.startsWith('unix:') ? undefined : tlsFolder(environment, configFolder);
    return parseEndpoint(choice.url, choice.chosenBy, tls && (await tlsSettings(tls.folder, tls.verify)));
  }
  const id = contextId(choice.name);
  const meta = await textOf(join(configFolder, 'contexts', 'meta', id, 'meta.json'));
  const context = meta === undefined ? undefined : readContext(meta);
  if (!context) {
    return err({
      code: 'unreachable',
      retry: 'terminal',
      message: `the docker context \`${choice.name}\` names no engine (${choice.chosenBy})`,
      hint: '`docker context ls` shows the contexts there are',
    });
  }
  const settings = await tlsSettings(join(configFolder, 'contexts', 'tls', id, 'docker'), context.verify);
  return parseEndpoint(context.url, choice.chosenBy, (settings.ca ?? settings.cert) ? settings : undefined);
}

async function tlsSettings(folder: string, verify: boolean): Promise<TlsSettings> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map(async (file) => textOf(join(folder, file))),
  );
  return { verify, ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined; // not there, or not for us: as if nobody had written it
  }
}
