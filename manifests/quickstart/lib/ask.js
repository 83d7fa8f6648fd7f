/** What the agent at `url` answers to `message`. Rejects when it cannot be reached or does not answer in five seconds. */
export async function ask(url, message) {
  const response = await fetch(new URL('/chat', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
    signal: AbortSignal.timeout(5000),
  }).catch((error) => {
    throw new Error(`cannot reach ${url}: ${error.cause?.message ?? error.message}`);
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return await response.json();
}
