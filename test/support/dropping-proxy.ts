import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as forward } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Stands before an engine, on a socket of its own. */
export interface DroppingProxy extends AsyncDisposable {
  /** What DOCKER_HOST is to say. */
  readonly host: string;
}

/** The body of a request to make a container. */
interface Body {
  [member: string]: unknown;
  HostConfig?: Record<string, unknown>;
}

/** Passes everything on to the engine, but lets `drop` take fields out of every request to make a container. */
export async function droppingProxy(upstream: string, drop: (body: Body) => void): Promise<DroppingProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'aac-drop-'));
  const path = join(folder, 'docker.sock');
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method, url, headers } = incoming;
      const text = Buffer.concat(chunks);
      const isCreate = method === 'POST' && (url ?? '').includes('/containers/create');
      const body = isCreate ? Buffer.from(dropped(text.toString('utf8'), drop)) : text;
      const { 'content-length': _length, 'transfer-encoding': _encoding, ...kept } = headers;
      const outgoing = forward({
        socketPath: upstream.replace(/^unix:\/\//, ''),
        method,
        path: url,
        headers: { ...kept, 'content-length': body.length },
        agent: false,
      });
      outgoing.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, {
          'content-type': answer.headers['content-type'] ?? 'text/plain',
        });
        answer.pipe(response);
      });
      outgoing.on('error', () => response.destroy());
      response.on('close', () => outgoing.destroy());
      outgoing.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function dropped(text: string, drop: (body: Body) => void): string {
  const body = JSON.parse(text) as Body;
  drop(body);
  return JSON.stringify(body);
}
