import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/util/json.ts';
import { freePort } from '../support/free-port.ts';
import { processWorld } from './world.ts';

test('what goes through the edge of local processes is shown by ps, inspect and the log', async () => {
  await using rig = processWorld.rig();
  const port = await freePort();
  const server = "require('net').createServer((s) => s.write('hello')).listen(process.env.PORT, process.env.AAC_HOST)";
  rig.write({
    'web.agent.yaml': processWorld.agent('web', {
      command: ['node', '-e', server],
      replicas: 2,
      ports: [{ container: 80, host: port, hostIp: '127.0.0.1' }],
      healthCheck: { port: 80, interval: '1s', startInterval: '100ms' },
    }),
  });
  const applied = await rig.apply();
  expect(applied.all).toContain(`agent/web    http://127.0.0.1:${String(port)}`);

  const client = connect(port, '127.0.0.1');
  await once(client, 'data'); // stays open while it is looked at
  const rows = JSON.parse((await rig.aac('ps', '--format', 'json')).stdout) as { agents: JsonObject[] };
  const shared = [`127.0.0.1:${String(port)}->80/tcp`];
  expect(rows.agents.map(({ address, edgePorts }) => [address, edgePorts])).toEqual([
    ['edge/edge', undefined],
    ['agent/web/0', shared],
    ['agent/web/1', shared],
  ]);
  const { agents } = JSON.parse((await rig.aac('inspect', '--format', 'json')).stdout) as {
    agents: readonly { readonly address: string; readonly edge?: { readonly open?: Record<string, number> } }[];
  };
  const [edge, ...webs] = agents.map((agent) => agent.edge);
  expect(edge).toMatchObject({ type: 'itself', status: { failures: {} } });
  expect(webs[0]).toMatchObject({
    type: 'behind',
    routes: { [`${String(port)}/tcp`]: { connections: 1, received: 5 } },
  });
  expect(webs.flatMap((section) => Object.values(section?.open ?? {})).sort()).toEqual([0, 1]);
  client.destroy();

  const log = await rig.aac('egress', 'log');
  expect([log.exitCode, log.stdout, log.stderr]).toEqual([0, '', expect.stringContaining('no agent of') as string]);
});
