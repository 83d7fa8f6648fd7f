import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '../../util/json.ts';
import { err, ok, type Result } from '../../util/result.ts';

/** What a monitor answers with. */
export interface MonitorPages {
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Why the watch is not ready; `undefined` when it is. */
  readonly notReady: () => string | undefined;
  /** A document for programs. */
  readonly status: () => Promise<Json>;
}

/** A server that listens. Disposing of it ends it at once. */
export interface MonitorServer extends AsyncDisposable {
  /** `http://127.0.0.1:9464`. */
  readonly url: string;
}

/** Serves `/metrics`, `/healthz`, `/readyz` and `/status` to GET and HEAD; the error says why it cannot listen. */
export async function serveMonitor(
  { host, port }: { readonly host: string; readonly port: number },
  pages: MonitorPages,
): Promise<Result<MonitorServer, string>> {
  const server = createServer((request, response) => {
    const answered = request.method === 'GET' || request.method === 'HEAD' ? route(request.url ?? '/', pages) : refused;
    void answered.catch(failed).then((page) => send(response, page));
  });
  const listening = await listen(server, host, port);
  if (!listening.ok) return listening;
  return ok({
    url: `http://${host.includes(':') ? `[${host}]` : host}:${String(listening.value)}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const plain = 'text/plain; charset=utf-8';
const refused = Promise.resolve<Page>({ status: 405, type: plain, text: 'only GET and HEAD are answered\n' });

async function route(url: string, pages: MonitorPages): Promise<Page> {
  switch (new URL(url, 'http://monitor').pathname) {
    case '/metrics': {
      const { contentType, text } = await pages.metrics();
      return { status: 200, type: contentType, text };
    }
    case '/healthz':
      return { status: 200, type: plain, text: 'ok\n' };
    case '/readyz': {
      const reason = pages.notReady();
      return { status: reason === undefined ? 200 : 503, type: plain, text: `${reason ?? 'ok'}\n` };
    }
    case '/status':
      return { status: 200, type: 'application/json', text: `${JSON.stringify(await pages.status(), null, 2)}\n` };
    default:
      return { status: 404, type: plain, text: 'there are /metrics, /healthz, /readyz and /status\n' };
  }
}

function failed(thrown: unknown): Page {
  return { status: 500, type: plain, text: `${thrown instanceof Error ? thrown.message : String(thrown)}\n` };
}

function send(response: ServerResponse, { status, type, text }: Page): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
}

async function listen(server: Server, host: string, port: number): Promise<Result<number, string>> {
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(err(error.message)));
    server.listen({ host, port, exclusive: true }, () => resolve(ok((server.address() as AddressInfo).port)));
  });
}
