import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../drivers/process/rig.ts';
import { createWatchRig } from './watch-rig.ts';

test('an engine that does not answer is said once, however often it is tried again', async () => {
  const socket = '/nonexistent/aac-test.sock';
  await using rig = await createWatchRig({ driver: 'docker', environment: { DOCKER_HOST: `unix://${socket}` } });
  await writeFile(
    join(rig.project, 'web.agent.yaml'),
    'apiVersion: agent.dev/v1\nkind: Agent\nmetadata: { name: web }\nspec: { image: web:1 }\n',
  );
  const watching = rig.watch('--log-level', 'info');
  const tries = (): number => watching.output().match(/"trying again"/g)?.length ?? 0;
  await eventually(
    async () => tries() >= 2,
    () => watching.output(),
  );
  expect(watching.output().match(/error\[driver-unreachable\]/g)).toHaveLength(1);
  expect(watching.output()).toContain(socket);
  expect(await watching.end('SIGINT')).toBe(0);
});
