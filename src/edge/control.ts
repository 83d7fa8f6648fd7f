import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { EdgeAnswer, EdgeRequest } from '../model/edge.ts';

/** Listens for requests on a Unix socket: one JSON document a connection, ended by the caller's half-close. */
export async function serveControl(
  path: string,
  handle: (request: EdgeRequest) => Promise<EdgeAnswer>,
): Promise<Server> {
  await rm(path, { force: true }); // left by one that was killed
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    void readAll(socket)
      .then((text) => handle(JSON.parse(text) as EdgeRequest))
      .catch((error: unknown): EdgeAnswer => ({ ok: false, message: (error as Error).message }))
      .then((answer) => socket.end(JSON.stringify(answer)));
  });
  server.listen(path);
  await once(server, 'listening');
  return server;
}

/** Sends one request and resolves to the answer. Rejects where no edge listens. */
export async function askEdge(path: string, request: EdgeRequest): Promise<EdgeAnswer> {
  const socket = connect({ path, allowHalfOpen: true });
  await once(socket, 'connect');
  socket.end(JSON.stringify(request));
  return JSON.parse(await readAll(socket)) as EdgeAnswer;
}

async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  const iterated = socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>; // an answer may still follow
  for await (const chunk of iterated) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
