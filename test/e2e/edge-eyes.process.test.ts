import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { findSandbox } from '../../src/drivers/process/sandbox.ts';
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
  expect(applied.all).toMatch(new RegExp(`agent/web +http://127\\.0\\.0\\.1:${String(port)}`));

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

const works = findSandbox(process.env.PATH ?? '').status === 'works';

test.skipIf(!works)('where a restricted process goes is shown, and told before it goes there', async () => {
  await using rig = processWorld.rig();
  const server = createServer((socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const asks = `const ask = () => require('http').request({ host: '127.0.0.1', port: 3128, method: 'CONNECT', path: 'evil.test:443' })
    .on('error', () => undefined).on('connect', (answer) => { console.log(answer.statusCode); setInterval(() => {}, 1000); }).end(); ask();`;
  rig.write({
    'web.agent.yaml': processWorld.agent('web', {
      command: ['node', '-e', asks],
      network: {
        security: { allowExternalConnections: false, allowedHosts: [{ host: 'localhost', port, private: true }] },
      },
    }),
  });
  await rig.apply();
  const where = `localhost:${String(port)}`;
  const allowed = await rig.aac('egress', 'test', 'web', where);
  expect(allowed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`web reaches ${where}`) as string });
  expect(await rig.aac('egress', 'test', 'web', 'evil.test')).toMatchObject({ exitCode: 2 });

  const following = rig.begin('egress', 'log', '-f');
  await following.until(/web +denied +evil\.test:443 +connect +not in the list of allowed hosts/);
  following.signal('SIGINT');
  expect(await following.ended).toMatchObject({ exitCode: 0 });
  const events = rig.begin('events', 'web', '--since', '10m');
  await events.until(/web +was denied evil\.test:443/);
  events.signal('SIGINT');
  await events.ended;
  const inspected = await rig.aac('inspect', 'web', '--format', 'json');
  expect(JSON.parse(inspected.stdout)).toMatchObject({ agents: [{ edge: { type: 'behind', out: { denied: 1 } } }] });
});
