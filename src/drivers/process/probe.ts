import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import type { HealthCheck } from '../../model/spec.ts';
import { assertNever } from '../../util/assert-never.ts';
import { linkedSignal } from '../../util/linked-signal.ts';
import { openSocketFolder } from '../../util/socket-folder.ts';
import type { ProbeResult } from '../driver.ts';
import { isSystemError } from './failure.ts';
import type { PortAllocation } from './instance.ts';
import type { RunAs } from './run-as.ts';
import { sendSignal } from './send-signal.ts';

/** What a check is run against: where the instance's ports are, the folder it runs in, and its environment. */
export interface ProbeTarget {
  readonly ports: PortAllocation;
  /** The folder with a socket for each port, where it is reached by no address. */
  readonly sockets?: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Whom its commands run as; absent: as aac. */
  readonly user?: RunAs;
}

/** Bytes of a command's output that a failure shows. */
const outputLimit = 4096;

const success: ProbeResult = { status: 'success' };

/** Runs one check, for `check.timeout` at most: a check that takes longer has failed. */
export async function probeTarget(target: ProbeTarget, check: HealthCheck, signal: AbortSignal): Promise<ProbeResult> {
  using limit = linkedSignal(signal, check.timeout);
  const result = await runCheck(target, check, limit.signal);
  if (signal.aborted) return { status: 'error', message: 'the check was cut off' };
  if (result.status === 'failure' && limit.isPast()) return failed(`no answer within ${String(check.timeout)} ms`);
  return result;
}

async function runCheck(target: ProbeTarget, check: HealthCheck, signal: AbortSignal): Promise<ProbeResult> {
  switch (check.type) {
    case 'http':
    case 'tcp': {
      const { host, port } = endpoint(target.ports, check.port);
      if (target.sockets === undefined) return probePort({ host, port }, check, signal);
      await using folder = await openSocketFolder(target.sockets);
      return await probePort({ host, port, path: folder.path(`${String(port)}.sock`) }, check, signal);
    }
    case 'file':
      return probeFile(resolve(target.folder, check.path));
    case 'command':
      return probeCommand(target, check.command, signal);
    default:
      return assertNever(check);
  }
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** The Unix socket that leads there. */
  readonly path?: string;
}

/** Where a container port of the instance answers: on loopback, unless it was bound to one address alone. */
export function endpoint(ports: PortAllocation, port: number): Endpoint {
  const allocation = ports[`${String(port)}/tcp`];
  if (!allocation) return { host: '127.0.0.1', port };
  const { host, hostIp } = allocation;
  return { host: hostIp === '0.0.0.0' || hostIp === '::' ? '127.0.0.1' : hostIp, port: host };
}

function probePort(
  at: Endpoint,
  check: Extract<HealthCheck, { readonly type: 'http' | 'tcp' }>,
  signal: AbortSignal,
): Promise<ProbeResult> {
  return check.type === 'http' ? probeHttp(at, check.path, signal) : probeTcp(at, signal);
}

/** Healthy is an answer of 200 to 399; a redirect is not followed. */
function probeHttp(
  { host, port, path: socketPath }: Endpoint,
  path: string,
  signal: AbortSignal,
): Promise<ProbeResult> {
  return new Promise((settle) => {
    const options = {
      host,
      port,
      path: path.startsWith('/') ? path : `/${path}`,
      agent: false,
      signal,
      ...(socketPath === undefined ? {} : { socketPath }),
    };
    const sent = request(options, (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      settle(status >= 200 && status < 400 ? success : failed(`${path} answered ${String(status)}`));
    });
    sent.on('error', (error) => {
      settle(failed(describeConnection(error, { host, port })));
    });
    sent.end();
  });
}

function probeTcp({ host, port, path }: Endpoint, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((settle) => {
    const socket = path === undefined ? connect({ host, port, signal }) : connect({ path, signal });
    socket.once('connect', () => {
      settle(success);
      socket.destroy();
    });
    socket.on('error', (error) => {
      settle(failed(describeConnection(error, { host, port })));
    });
  });
}

async function probeFile(path: string): Promise<ProbeResult> {
  try {
    await stat(path);
    return success;
  } catch (thrown) {
    if (!isSystemError(thrown)) throw thrown;
    if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return failed(`\`${path}\` does not exist`);
    return { status: 'error', message: thrown.message };
  }
}

/** Healthy is exit code 0. Whatever the command started goes with it when its time is up. */
function probeCommand(target: ProbeTarget, command: readonly string[], signal: AbortSignal): Promise<ProbeResult> {
  const [name = '', ...rest] = command;
  return new Promise((settle) => {
    const child = spawn(name, rest, {
      cwd: target.folder,
      env: target.environment,
      ...target.user,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-outputLimit);
      });
    }
    // An unreaped child of this very process keeps its pid, so there is no stranger to be hit here.
    const kill = (): void => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        sendSignal(-child.pid, 'SIGKILL');
      }
    };
    if (signal.aborted) kill();
    signal.addEventListener('abort', kill, { once: true });
    child.once('error', (error) => {
      signal.removeEventListener('abort', kill);
      settle(
        failed(isSystemError(error) && error.code === 'ENOENT' ? `command not found: \`${name}\`` : error.message),
      );
    });
    child.once('exit', (code, cause) => {
      signal.removeEventListener('abort', kill);
      // a descendant may keep the pipes open for ever: what has arrived by now is what there is to show
      setImmediate(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        const ended = code === null ? `ended by ${String(cause)}` : `exit code ${String(code)}`;
        settle(code === 0 ? success : failed([ended, output.trim()].filter(Boolean).join(': ')));
      });
    });
  });
}

function failed(message: string): ProbeResult {
  return { status: 'failure', message };
}

function describeConnection(error: Error, { host, port }: Endpoint): string {
  if (isSystemError(error) && error.code === 'ECONNREFUSED') return `nothing listens on ${host}:${String(port)}`;
  return error.message;
}
