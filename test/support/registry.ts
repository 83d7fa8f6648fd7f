import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { sharesNetwork } from './docker.ts';

/** The one user of a registry with a password. */
export const registryUser = { username: 'desk', password: 'open sesame' } as const;

/** bcrypt of the password above, as `htpasswd` writes it. */
const htpasswd = 'desk:$2b$04$dFfovtw25c0CL8k7XD/KTe9tzzoKeOGTCmy16iPev9AEenbgPeIo.\n';

/** A registry on this machine's loopback, empty in the beginning and gone in the end. */
export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:5000`, as image references begin. */
  readonly host: string;
}

/** Starts Debian's docker-registry; the text is the reason why there is none that the engine could reach. */
export async function startRegistry(
  docker: Docker,
  options: { readonly password: boolean },
): Promise<Registry | string> {
  if (!(await sharesNetwork(docker))) return 'the engine has another loopback than this process';
  const script = join(import.meta.dirname, '..', '..', 'scripts', 'registry');
  const found = await promisify(execFile)(script, { timeout: 170_000 }).catch((error: unknown) => error as Error);
  if (found instanceof Error) return ((found as { stderr?: string }).stderr ?? found.message).trim();
  const folder = await mkdtemp(join(tmpdir(), 'aac-registry-'));
  const host = `127.0.0.1:${String(await freePort())}`;
  await writeFile(join(folder, 'htpasswd'), htpasswd);
  const auth = options.password ? { auth: { htpasswd: { realm: 'aac', path: join(folder, 'htpasswd') } } } : {};
  const config = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: host },
    ...auth,
  };
  await writeFile(join(folder, 'config.yml'), JSON.stringify(config));
  const child = spawn(found.stdout.trim(), ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  while (child.exitCode === null && !(await answers(host))) await delay(20);
  return {
    host,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Puts a local image into a registry, and takes the name away from the local one again. The digest is the answer. */
export async function pushImage(docker: Docker, local: string, name: string): Promise<string> {
  const at = name.lastIndexOf(':');
  await docker.getImage(local).tag({ repo: name.slice(0, at), tag: name.slice(at + 1) });
  const serveraddress = name.split('/')[0] ?? '';
  const stream = await docker.getImage(name).push({ authconfig: { ...registryUser, serveraddress } });
  await new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error, output) => {
      if (error) reject(error);
      else resolve(output);
    });
  });
  const { RepoDigests } = await docker.getImage(name).inspect();
  await docker.getImage(name).remove();
  const digest = RepoDigests.find((entry) => entry.startsWith(`${name.slice(0, at)}@`));
  if (digest === undefined) throw new Error(`\`${name}\` has no digest after the push`);
  return digest;
}

function answers(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(`http://${host}/v2/`, (response) => {
      response.destroy();
      resolve(true);
    }).once('error', () => {
      resolve(false);
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
