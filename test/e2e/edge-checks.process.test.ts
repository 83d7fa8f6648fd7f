import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { processWorld } from './world.ts';

/** Answers with its own port; its health is bad while there is a file of that name. */
const server = `
const { existsSync } = require('node:fs');
const { PORT, AAC_HOST, SICK } = process.env;
require('node:http')
  .createServer(({ url }, response) => {
    response.statusCode = url === '/health' && existsSync(SICK + '/' + PORT) ? 500 : 200;
    response.setHeader('Connection', 'close');
    response.end(PORT);
  })
  .listen(PORT, AAC_HOST);
`;

test('a replica behind the edge that is no longer well gets no requests until it is, though nobody watches', async () => {
  await using rig = processWorld.rig();
  const port = await freePort();
  const sick = join(rig.folder, 'sick');
  rig.write({
    'sick/.keep': '',
    'web.agent.yaml': processWorld.agent('web', {
      command: ['node', '-e', server],
      environment: [{ name: 'SICK', value: sick }],
      replicas: 2,
      ports: [{ container: 80, host: port, hostIp: '127.0.0.1' }],
      healthCheck: { path: '/health', port: 80, interval: '100ms', startInterval: '100ms', timeout: '5s', retries: 2 },
    }),
  });
  await rig.apply();
  const answered = async (): Promise<readonly string[]> => {
    const all = new Set<string>();
    for (let count = 0; count < 10; count += 1) {
      all.add(await (await fetch(`http://127.0.0.1:${String(port)}/`)).text());
    }
    return [...all].sort();
  };
  await expect.poll(answered, { timeout: 20_000 }).toHaveLength(2);
  const [first = '', second = ''] = await answered();

  writeFileSync(join(sick, first), '');
  await expect.poll(answered, { timeout: 20_000 }).toEqual([second]);
  expect((await rig.aac('inspect', 'edge', '--format', 'json')).stdout).toMatch(/"unwell":\s*\{\s*"web":\s*\[\s*"/);

  rmSync(join(sick, first));
  await expect.poll(answered, { timeout: 20_000 }).toEqual([first, second]);
  expect((await rig.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);
});
