import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { openSocketFolder, type SocketFolder } from '../util/socket-folder.ts';

/** Listens on a Unix socket, in the place of one that was left there. */
export async function listenUnix(
  folder: SocketFolder,
  name: string,
  accept: (socket: Socket) => void,
): Promise<Server> {
  const path = folder.path(name);
  await rm(path, { force: true });
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, accept);
  server.listen({ path, backlog: 1024 });
  await once(server, 'listening');
  return server;
}

/** A connection to a Unix socket; `undefined` where nobody listens. */
export async function connectUnix(folder: string, name: string): Promise<Socket | undefined> {
  try {
    await using opened = await openSocketFolder(folder);
    const socket = connect({ path: opened.path(name), allowHalfOpen: true });
    await once(socket, 'connect');
    return socket;
  } catch {
    return undefined;
  }
}

/** The socket for a port. */
export function portSocket(port: number): string {
  return `${String(port)}.sock`;
}
