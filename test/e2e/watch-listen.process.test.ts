import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/util/json.ts';
import { processWorld } from './world.ts';

/** The value of a metric in Prometheus' text format; `labels` is a part of what stands between the braces. */
function valueOf(text: string, name: string, labels = ''): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${name}{`) && each.includes(labels));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
}

test('a watch serves what it does and what its agents use, and says when it is ready', async () => {
  await using rig = processWorld.rig();
  const healthy = { healthCheck: { command: ['true'], interval: '1s', startPeriod: '0s' } };
  rig.write({ 'web.agent.yaml': processWorld.agent('web', { replicas: 2, ...healthy }) });
  const watch = rig.begin('watch', '--debounce', '20ms', '--listen', '127.0.0.1:0');
  await watch.until(/metrics at http:\S+\/metrics/);
  const [, url = ''] = /metrics at (http:\S+)\/metrics/.exec(watch.printed()) ?? [];
  const get = (path: string): Promise<Response> => fetch(`${url}${path}`);

  expect((await get('/healthz')).status).toBe(200);
  await expect.poll(async () => (await get('/readyz')).status, { timeout: 30_000 }).toBe(200);
  const read = async (): Promise<string> => (await get('/metrics')).text();
  await expect
    .poll(async () => valueOf(await read(), 'aac_agent_memory_bytes', 'replica="1"'), { timeout: 30_000 })
    .toBeGreaterThan(0);
  await expect.poll(async () => valueOf(await read(), 'aac_agent_healthy', 'replica="0"'), { timeout: 30_000 }).toBe(1);
  const text = await read();
  expect(valueOf(text, 'aac_replicas', 'agent="web"')).toBe(2);
  expect(valueOf(text, 'aac_changes_total', 'action="create"')).toBe(2);
  expect(valueOf(text, 'aac_reconciles_total', 'result="reconciled"')).toBeGreaterThan(0);
  expect(text).toContain(`workspace="${rig.workspace}"`);

  const status = (await (await get('/status')).json()) as JsonObject;
  expect(status).toMatchObject({ type: 'watch-status', workspace: rig.workspace, synced: true });
  expect(status).toMatchObject({ suspended: { agents: {} }, waiting: [], rolledBack: [], scaling: [] });
  expect((await get('/nothing')).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);

  const other = processWorld.rig();
  other.write({ 'web.agent.yaml': processWorld.agent('web') });
  const refused = await other.aac('watch', '--listen', url.replace('http://', ''));
  expect(refused).toMatchObject({ exitCode: 1 });
  expect(refused.stderr).toContain('cannot be listened on');

  watch.signal('SIGTERM');
  expect(await watch.ended).toMatchObject({ exitCode: 0 });
  await expect(get('/healthz')).rejects.toThrow();
});

test('a webhook is told what was asked for, again after a stumble, and its address stays out of all output', async () => {
  const received: JsonObject[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      received.push({ path: request.url ?? '', ...(JSON.parse(body.toString()) as JsonObject) });
      response.writeHead(received.length === 1 ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await using rig = processWorld.rig({ project: { notify: [{ on: ['unhealthy'], webhook: '${HOOK}' }] } });
  const { begin, apply, aac } = rig.with({ environment: { HOOK: `http://127.0.0.1:${String(port)}/a-secret-path` } });
  rig.write({
    well: '',
    'web.agent.yaml': processWorld.agent('web', {
      healthCheck: {
        command: ['test', '-e', `${rig.folder}/well`],
        interval: '1s',
        startPeriod: '0s',
        retries: 1,
        onUnhealthy: 'none',
      },
    }),
  });
  await apply();
  const watch = begin('watch', '--debounce', '20ms');
  await watch.until(/watching /);
  rig.remove('well');
  await expect.poll(() => received.length, { timeout: 60_000 }).toBe(2);
  watch.signal('SIGTERM');
  expect(await watch.ended).toMatchObject({ exitCode: 0 });
  server.close();
  expect(received).toMatchObject(
    [1, 2].map(() => ({
      path: '/a-secret-path',
      event: 'unhealthy',
      workspace: rig.workspace,
      addresses: ['agent/web/0'],
    })),
  );
  expect(watch.printed()).not.toContain('a-secret-path');

  expect((await aac('validate')).exitCode).toBe(0);
  const unset = await rig.with({ environment: { HOOK: undefined } }).aac('watch');
  expect(unset).toMatchObject({ exitCode: 1 });
  expect(unset.stderr).toContain('spec.notify[0].webhook');
});
