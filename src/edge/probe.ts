import { get } from 'node:http';
import { connectTo } from './connect.ts';

/** What is wrong with a server on the edge's networks: nothing listens, or the path is not answered well. */
export async function probe(host: string, port: number, path: string | undefined): Promise<string | undefined> {
  const socket = await connectTo(host, port);
  if (!socket) return `nothing listens on ${host}:${String(port)}`;
  if (path === undefined) {
    socket.destroy();
    return undefined;
  }
  return new Promise((resolve) => {
    const headers = { 'user-agent': 'aac', host: `${host}:${String(port)}` };
    const request = get({ createConnection: () => socket, path, headers }, ({ statusCode = 0 }) => {
      socket.destroy();
      const well = statusCode >= 200 && statusCode < 400;
      resolve(well ? undefined : `GET ${path} answered ${String(statusCode)}`);
    });
    request.once('error', (error) => resolve(error.message));
  });
}
