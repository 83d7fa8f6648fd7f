import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { InsideOrder } from '../model/edge.ts';
import { openSocketFolder } from '../util/socket-folder.ts';
import { connectTo } from './connect.ts';
import { splice } from './splice.ts';
import { connectUnix, listenUnix, portSocket } from './unix.ts';

/** Milliseconds between two looks at which ways out there are. */
const lookEvery = 500;

/** What a group may be sent: it reaches the command by itself, and this program outlives it by its exit code. */
const outlived = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGALRM', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const;

/**
 * Runs a command where there is no network but the loopback of its own: what connects to a port there for which the edge
 * has a socket is led to it, and what comes in by the sockets of its own ports is led to those. Resolves with its exit
 * code, 128 and the number of the signal that ended it.
 */
export async function runInside(order: InsideOrder, command: readonly string[]): Promise<number> {
  for (const signal of outlived) process.on(signal, () => undefined);
  await using inward = await openSocketFolder(order.inward);
  for (const port of order.ports) {
    await listenUnix(inward, portSocket(port), (socket) => void join(socket, connectTo('127.0.0.1', port)));
  }
  const servers = new Map<number, Server>();
  await followWays(order.ways, servers);
  const [name = '', ...rest] = command;
  const { AAC_NODE_OPTIONS: nodeOptions, ...environment } = process.env;
  const env = nodeOptions === undefined ? environment : { ...environment, NODE_OPTIONS: nodeOptions };
  const child = spawn(name, rest, { stdio: 'inherit', env });
  const over = new AbortController();
  void keepFollowing(order.ways, servers, over.signal);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal ? constants.signals[signal] : 0);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 127 : 126;
  } finally {
    over.abort();
  }
}

async function keepFollowing(ways: string, servers: Map<number, Server>, signal: AbortSignal): Promise<void> {
  for (;;) {
    await delay(lookEvery, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    await followWays(ways, servers);
  }
}

/** Listens on the ports that the edge has sockets for, and on no others. */
async function followWays(ways: string, servers: Map<number, Server>): Promise<void> {
  const names = await readdir(ways).catch(() => []);
  const ports = names.flatMap((name) => /^(\d+)\.sock$/.exec(name)?.[1] ?? []).map(Number);
  for (const [port, server] of [...servers]) {
    if (ports.includes(port)) continue;
    servers.delete(port);
    server.close();
  }
  for (const port of ports) {
    if (servers.has(port)) continue;
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      void join(socket, connectUnix(ways, portSocket(port)));
    });
    server.on('error', () => servers.delete(port)); // the command holds it itself: tried again
    servers.set(port, server);
    server.listen({ host: '127.0.0.1', port, backlog: 1024 });
    await once(server, 'listening').catch(() => undefined);
  }
}

async function join(near: Socket, connecting: Promise<Socket | undefined>): Promise<void> {
  near.on('error', () => near.destroy());
  const far = await connecting;
  if (!far) near.destroy();
  else await splice(near, far);
}
