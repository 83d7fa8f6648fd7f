import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../drivers/process/rig.ts';
import { createWatchRig, type Watching, type WatchRig } from './watch-rig.ts';

const sleeps = 'exec sleep 1000';
const never = ['--resync', '0 0 1 1 *'];
const back = (strategy: 'recreate' | 'rolling', more = ''): string =>
  `  deployment: { strategy: ${strategy}, autoRollback: true }\n${more}`;
/** Runs, and does not get ready. */
const fails = '  healthCheck: { command: ["false"], interval: 1s, startInterval: 1s, startPeriod: 0s, retries: 1 }\n';

const told = (watching: Watching, text: string | RegExp): Promise<void> =>
  eventually(
    async () => (typeof text === 'string' ? watching.output().includes(text) : text.test(watching.output())),
    () => watching.output(),
  );

/** What the agent that runs was told to write: which version it is. */
async function version(rig: WatchRig): Promise<string | undefined> {
  const { stdout } = await rig.aac('logs', 'web', '--tail', '1');
  return (await rig.ps('web'))?.state === 'running' ? /version \w+/.exec(stdout)?.[0] : undefined;
}

const web = (rig: WatchRig, name: string, script: string, spec: string): Promise<void> =>
  rig.agent('web', `echo version ${name}; ${script}`, spec);

test('an agent whose new version fails goes back to the one before, and stays there until its manifest changes', async () => {
  await using rig = await createWatchRig();
  await using hook = await createHook();
  await writeFile(
    join(rig.project, 'aac.yaml'),
    `apiVersion: agent.dev/v1\nkind: Project\nmetadata: { name: ${rig.workspace} }\n` +
      `spec: { driver: process, notify: [{ on: [failed, rolled-back], webhook: "${hook.url}" }] }\n`,
  );
  await web(rig, 'one', sleeps, back('recreate'));
  const watching = rig.watch('--listen', '127.0.0.1:0', ...never);
  await told(watching, /1 created/);

  await web(rig, 'two', sleeps, back('recreate', fails));
  const line = /agent\/web goes back to revision 1: its rollout failed as revision 2; it stays there until/;
  await told(watching, line);
  await eventually(
    async () => (await version(rig)) === 'version one',
    () => watching.output(),
  );
  expect((await rig.aac('watch', '--status')).stdout).toMatch(line);
  const address = /metrics at (\S+)\/metrics/.exec(watching.output())?.[1] ?? '';
  const status = (): Promise<unknown> => fetch(`${address}/status`).then((response) => response.json());
  await expect.poll(status, { timeout: 10_000 }).toMatchObject({
    rolledBack: [{ address: 'agent/web', to: 1, failed: 2 }],
  });
  await expect
    .poll(() => hook.bodies.map(({ event, text }) => `${event}: ${text.replace(rig.workspace, 'w')}`))
    .toEqual([
      'rolled-back: aac: w: agent/web is back to revision 1: its rollout failed as revision 2',
      expect.stringMatching(/^failed: /),
    ]);

  process.kill((await rig.pids('web')).at(-1) ?? 0, 'SIGKILL'); // what it went back to is kept as it should be
  await eventually(async () => (await version(rig)) === 'version one');
  expect(watching.output().match(/goes back to/g)).toHaveLength(1);

  await web(rig, 'three', sleeps, back('recreate'));
  await eventually(
    async () => (await version(rig)) === 'version three',
    () => watching.output(),
  );
  await expect.poll(status).toMatchObject({ rolledBack: [] });
});

test('with `rolling` the old one serves all the time, and the new one that failed is removed', async () => {
  await using rig = await createWatchRig();
  await web(rig, 'one', sleeps, back('rolling'));
  expect((await rig.aac('apply', '--auto-approve')).exitCode).toBe(0);
  const [first = 0] = await rig.pids('web');
  await web(rig, 'two', sleeps, back('rolling', fails));

  const applied = await rig.aac('apply', '--auto-approve'); // a person has the last word, and is told
  expect(applied.exitCode).toBe(1);
  expect(applied.stderr).toContain('web: only `aac watch` goes back by itself, as `autoRollback` asks; `aac rollback`');

  const once = await rig.aac('watch', '--once'); // whoever made it fail, and whichever watch comes next
  expect(once.all).toContain('agent/web goes back to revision 1: its rollout failed as revision 2');
  expect(once.all).toContain('1 replaced');
  expect(await rig.pids('web')).toHaveLength(2);
  process.kill(first, 0);
  expect(await version(rig)).toBe('version one');
  const again = await rig.aac('watch', '--once');
  expect(again.exitCode, again.all).toBe(0);
  expect(again.stdout).toBe('');
});

test('the first version of an agent has nothing to go back to, which is said', async () => {
  await using rig = await createWatchRig();
  await web(rig, 'one', sleeps, back('recreate', fails));
  const once = await rig.aac('watch', '--once');
  expect(once.exitCode).toBe(1);
  expect(once.all).toContain('agent/web cannot be rolled back: its rollout failed as revision 1, and no earlier');
});

interface Hook extends AsyncDisposable {
  readonly url: string;
  readonly bodies: { readonly event: string; readonly text: string }[];
}

/** Takes notifications on the loopback. */
async function createHook(): Promise<Hook> {
  const bodies: { readonly event: string; readonly text: string }[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      bodies.push(JSON.parse(body) as { event: string; text: string });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    bodies,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
