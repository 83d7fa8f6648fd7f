import { get as httpGet, type RequestOptions } from 'node:http';
import { get as httpsGet } from 'node:https';
import { labels as names } from '../../model/labels.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * Whether the engine holds anything of the workspace; `false` when it does not answer. Asked by every plan of a
 * project that does not use Docker, so it loads nothing but Node.
 */
export async function present(endpoint: Endpoint, workspace: string, signal: AbortSignal): Promise<boolean> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${names.workspace}=${workspace}`] }));
  const found = await Promise.all([
    has(endpoint, `/containers/json?all=1&limit=1&filters=${filters}`, signal),
    has(endpoint, `/networks?filters=${filters}`, signal),
    has(endpoint, `/volumes?filters=${filters}`, signal),
  ]);
  return found.some(Boolean);
}

function has(endpoint: Endpoint, path: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const { address } = endpoint;
    const options: RequestOptions = { path, signal, agent: false };
    const answered = (text: string) => {
      resolve(isFilled(text));
    };
    const request =
      address.type === 'socket'
        ? httpGet({ ...options, socketPath: address.path })
        : address.tls
          ? httpsGet({ ...options, ...place(address), ...address.tls, rejectUnauthorized: address.tls.verify })
          : httpGet({ ...options, ...place(address) });
    request.on('error', () => {
      resolve(false);
    });
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        answered(response.statusCode === 200 ? text : '[]');
      });
      response.on('error', () => {
        resolve(false);
      });
    });
  });
}

function place({ host, port }: { readonly host: string; readonly port: number }) {
  return { host, port };
}

function isFilled(text: string): boolean {
  try {
    const answer = JSON.parse(text) as unknown[] | { Volumes?: unknown[] | null };
    return (Array.isArray(answer) ? answer : (answer.Volumes ?? [])).length > 0;
  } catch {
    return false;
  }
}
