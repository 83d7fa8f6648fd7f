import { createServer } from 'node:http';

/**
 * Serves `GET /health` and JSON posted to the paths of `handlers` until SIGTERM. A handler takes what was posted and the
 * request's headers and returns what is answered; an error it throws is answered with its `status`, else 502.
 */
export function serve(name, port, handlers) {
  const server = createServer(async (request, response) => {
    const answer = (status, body) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    if (request.method === 'GET' && request.url === '/health') return answer(200, { status: 'ok', agent: name });
    const handler = request.method === 'POST' ? handlers[request.url] : undefined;
    if (!handler) return answer(404, { agent: name, error: `post JSON to ${Object.keys(handlers).join(' or ')}` });
    try {
      let text = '';
      for await (const chunk of request.setEncoding('utf8')) text += chunk;
      answer(200, await handler(JSON.parse(text), request.headers));
    } catch (error) {
      answer(error.status ?? 502, { agent: name, error: error.message });
    }
  });
  server.listen(port, () => console.log(`${name} listens on port ${port}`));
  process.once('SIGTERM', () => {
    server.close();
    server.closeIdleConnections();
  });
}

/** Posts JSON to an agent of the desk and returns what it answers. */
export async function post(url, body, token) {
  const response = await fetch(url, {
    method: 'POST',
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5000),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${answer.error}`);
  return answer;
}

/** Throws unless the headers bear the token. */
export function authorize(headers, token) {
  if (headers.authorization === `Bearer ${token}`) return;
  throw Object.assign(new Error('a token is missing or wrong'), { status: 401 });
}
