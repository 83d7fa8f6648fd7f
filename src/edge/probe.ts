import { get } from 'node:http';
import type { Socket } from 'node:net';

/**
 * What is wrong with the server at the other end of a connection to `host:port`: there is none, or the path is not
 * answered with 2xx or 3xx. The connection is ended.
 */
export async function probe(socket: Socket | undefined, where: string, path?: string): Promise<string | undefined> {
  if (!socket) return `nothing listens on ${where}`;
  if (path === undefined) {
    socket.destroy();
    return undefined;
  }
  return new Promise((resolve) => {
    const headers = { 'user-agent': 'aac', host: where };
    const request = get({ createConnection: () => socket, path, headers }, ({ statusCode = 0 }) => {
      socket.destroy();
      const well = statusCode >= 200 && statusCode < 400;
      resolve(well ? undefined : `GET ${path} answered ${String(statusCode)}`);
    });
    request.once('error', (error) => resolve(error.message));
  });
}
