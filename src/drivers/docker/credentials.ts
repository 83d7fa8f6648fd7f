import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { registryOf } from './image-name.ts';
import { helperCredentials, keepingOf, type Credentials } from './registry-auth.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Who to be when an image is pulled; `remark` where somebody was to be asked and did not say. */
export interface FoundCredentials {
  readonly credentials?: Credentials;
  readonly remark?: string;
}

/** Finds the credentials of an image's registry where the docker CLI keeps them, and asks its helpers. */
export async function findCredentials(
  image: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<FoundCredentials> {
  const folder = environment.DOCKER_CONFIG ?? join(environment.HOME ?? homedir(), '.docker');
  const config = await readFile(join(folder, 'config.json'), 'utf8').catch(() => undefined);
  if (config === undefined) return {};
  const registry = registryOf(image);
  const keeping = keepingOf(config, registry);
  switch (keeping.type) {
    case 'none':
      return {};
    case 'kept':
      return { credentials: keeping.credentials };
    case 'helper':
      break;
  }
  const program = `docker-credential-${keeping.helper}`;
  const answer = await ask(program, keeping.server, environment, signal);
  const credentials = answer === undefined ? undefined : helperCredentials(answer, keeping.server);
  return credentials ? { credentials } : { remark: `\`${program}\` has no credentials for ${registry}` };
}

/** What a helper prints about a server; `undefined` when it fails or is not there. */
function ask(
  program: string,
  server: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = execFile(program, ['get'], { env: { ...environment }, signal, timeout: 30_000 }, (error, stdout) => {
      resolve(error ? undefined : stdout);
    });
    child.stdin?.on('error', () => undefined); // a helper that ends without reading has answered all the same
    child.stdin?.end(server);
  });
}
