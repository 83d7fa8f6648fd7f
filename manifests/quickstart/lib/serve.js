import { createServer } from 'node:http';

const longestBody = 64 * 1024;

/**
 * Serves one agent over HTTP until SIGTERM: `GET /health`, and `POST /chat` with a JSON object that holds a `message`,
 * answered by what `chat(message)` resolves to. It listens on PORT, at AAC_HOST where aac chose an address.
 */
export function serve(name, chat) {
  const server = createServer((request, response) => {
    answer(name, chat, request).then(
      ({ status, body }) => reply(response, status, body),
      (error) => reply(response, 502, { agent: name, error: error.message }),
    );
  });
  const port = Number(process.env.PORT);
  const host = process.env.AAC_HOST ?? '0.0.0.0';
  server.listen(port, host, () => console.log(`${name} listens on http://${host}:${port}`));
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => {
      console.log(`${name} got ${signal}, finishing`);
      server.close();
      server.closeIdleConnections();
    });
  }
}

async function answer(name, chat, request) {
  const path = request.url.split('?')[0];
  if (request.method === 'GET' && path === '/health') {
    return { status: 200, body: { status: 'ok', agent: name, model: process.env.AAC_MODEL_NAME } };
  }
  if (request.method !== 'POST' || path !== '/chat') {
    return { status: 404, body: { agent: name, error: 'there is GET /health and POST /chat {"message": "…"}' } };
  }
  const message = await readMessage(request);
  if (message === undefined) return { status: 400, body: { agent: name, error: 'send {"message": "some text"}' } };
  return { status: 200, body: { agent: name, ...(await chat(message)) } };
}

/** The request's `message`; `undefined` when the body is no such JSON, or too long. */
async function readMessage(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > longestBody) return undefined;
  }
  try {
    const message = JSON.parse(text)?.message;
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

function reply(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
