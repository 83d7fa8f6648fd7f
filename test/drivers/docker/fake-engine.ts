import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server on a unix socket that answers as it is told to. */
export interface FakeEngine extends AsyncDisposable {
  /** As DOCKER_HOST has it. */
  readonly host: string;
  /** `GET /version`, in the order they came. */
  readonly requests: readonly string[];
}

/** Starts one; `answer` may leave a request unanswered for good. */
export async function fakeEngine(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<FakeEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'aac-fake-'));
  const path = join(folder, 'docker.sock');
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Answers with a JSON document. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** An engine that hands everything on to the one at `socketPath`. */
export async function relayEngine(socketPath: string): Promise<FakeEngine> {
  return fakeEngine((request, response) => {
    const { method, url, headers } = request;
    const onward = forward({ socketPath, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
}
