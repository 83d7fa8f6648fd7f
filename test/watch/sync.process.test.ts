import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../drivers/process/rig.ts';
import { createWatchRig, type Watching, type WatchRig } from './watch-rig.ts';

const sleeps = 'exec sleep 1000';
const never = ['--resync', '0 0 1 1 *'];

async function runs(rig: WatchRig, agent: string): Promise<boolean> {
  return (await rig.ps(agent))?.state === 'running';
}

async function documentOf(rig: WatchRig, ...parameters: readonly string[]): Promise<unknown> {
  return JSON.parse((await rig.aac(...parameters, '--format', 'json')).stdout) as unknown;
}

const told = (watching: Watching, text: string | RegExp): Promise<void> =>
  eventually(
    async () => (typeof text === 'string' ? watching.output().includes(text) : text.test(watching.output())),
    () => watching.output(),
  );

const broken = 'apiVersion: agent.dev/v1\nkind: Agent\nmetadata: { name: web }\nspec: [\n';

async function project(rig: WatchRig, spec: string): Promise<void> {
  const text = `apiVersion: agent.dev/v1\nkind: Project\nmetadata: { name: ${rig.workspace} }\nspec:\n  driver: process\n${spec}`;
  await writeFile(join(rig.project, 'aac.yaml'), text);
}

test('a broken manifest keeps its last good state while the others go on, and nothing is deleted meanwhile', async () => {
  await using rig = await createWatchRig();
  await rig.agent('web', sleeps);
  await rig.agent('old', sleeps);
  const watching = rig.watch(...never);
  await told(watching, /2 created/);
  const [web = 0] = await rig.pids('web');

  await writeFile(join(rig.project, 'web.agent.yaml'), broken);
  await told(watching, '`web.agent.yaml` stays in force as it was when it last was valid');
  await rig.agent('new', sleeps);
  await rm(join(rig.project, 'old.agent.yaml'));
  await told(watching, /1 created/);
  await told(watching, 'agent/old/0 would be deleted: nothing is deleted while a manifest is broken');
  expect(watching.output().match(/error\[invalid-yaml\]/g)).toHaveLength(1);

  process.kill(web, 'SIGKILL'); // what is broken is kept in sync as well
  await eventually(async () => (await rig.pids('web')).length === 2);
  expect(await runs(rig, 'old')).toBe(true);

  await rig.agent('web', sleeps);
  await told(watching, 'all manifests are valid again');
  await told(watching, /1 deleted/);
  expect(await rig.pids('web')).toHaveLength(2);
});

test('a manifest that was broken before the watch began leaves its agents as they are', async () => {
  await using rig = await createWatchRig();
  await rig.agent('web', sleeps);
  expect((await rig.aac('apply', '--auto-approve')).exitCode).toBe(0);
  await writeFile(join(rig.project, 'web.agent.yaml'), broken);
  await rig.agent('new', sleeps);
  const watching = rig.watch(...never);
  await told(watching, '`web.agent.yaml` is passed by, and its agents are left as they are');
  await told(watching, /1 created/);
  expect(await runs(rig, 'web')).toBe(true);
  expect(await rig.pids('web')).toHaveLength(1);
});

test('what is suspended is left as it is, and seen to again at once when it is resumed', async () => {
  await using rig = await createWatchRig();
  await rig.agent('web', sleeps);
  await rig.agent('job', sleeps);
  const watching = rig.watch(...never);
  await told(watching, /2 created/);
  expect((await rig.aac('suspend', 'web')).stdout).toContain('web is left as it is');
  expect((await rig.aac('suspend', 'webb')).stderr).toContain('did you mean `web`');
  expect((await rig.aac('stop', 'web')).exitCode).toBe(0);
  await told(watching, 'agent/web/0 would be started: suspended; `aac resume web`');
  expect((await rig.aac('ps')).stderr).toContain('`aac watch` leaves `web` as it is');
  expect((await rig.aac('plan')).stderr).toContain('`aac resume web` has it go on');
  expect((await rig.aac('watch', '--status')).stdout).toContain('agent/web/0 would be started: suspended');
  expect(await runs(rig, 'web')).toBe(false);
  const by = { since: expect.any(String) as string, user: expect.any(String) as string };
  expect(await documentOf(rig, 'ps')).toMatchObject({
    watched: true,
    suspended: { agents: { web: by } },
    waiting: [{ address: 'agent/web/0', action: 'start', reason: 'suspended' }],
    scaling: [],
  });
  expect(await documentOf(rig, 'suspend', 'job')).toMatchObject({
    type: 'suspension',
    watched: true,
    suspended: { agents: { web: by, job: by } },
  });
  expect(await documentOf(rig, 'resume', 'job')).toMatchObject({ suspended: { agents: { web: by } } });
  expect(await documentOf(rig, 'resume', 'nobody')).toMatchObject({ diagnostics: [{ code: 'unknown-agent' }] });

  const [job = 0] = await rig.pids('job');
  process.kill(job, 'SIGKILL'); // only the one is suspended
  await eventually(async () => (await rig.pids('job')).length === 2);
  await rig.aac('resume', 'web');
  await eventually(() => runs(rig, 'web'));
});

test('what is stopped beside a watch is started again, which stop says before, unless it is suspended', async () => {
  await using rig = await createWatchRig();
  await rig.agent('web', sleeps);
  await rig.agent('job', sleeps);
  const watching = rig.watch(...never);
  await told(watching, /2 created/);
  const stopped = await rig.aac('stop', 'web');
  expect(stopped.exitCode).toBe(0);
  expect(stopped.stderr).toMatch(/`aac watch .*` \(process \d+\) will start web again/);
  expect(stopped.stderr).toContain('`aac suspend web`');
  await eventually(
    async () => (await rig.pids('web')).length === 2,
    () => watching.output(),
  );

  await rig.aac('suspend', 'web');
  const both = await rig.aac('stop', '--all');
  expect(both.stderr).toMatch(/will start job again/);
  expect(both.stderr).toMatch(/leaves web stopped: suspended/);
  await eventually(async () => (await rig.pids('job')).length === 2);
  expect(await rig.pids('web')).toHaveLength(2);
  for (const command of ['start', 'restart']) {
    const { stderr, exitCode } = await rig.aac(command, 'web'); // leaves it as the watch wants it: nothing to say
    expect(exitCode).toBe(0);
    expect(stderr).not.toContain('aac watch');
  }
});

test('drift is told and left with --no-heal, and what is undeclared with --no-prune', async () => {
  await using rig = await createWatchRig();
  await rig.agent('web', sleeps);
  await rig.agent('old', sleeps);
  const watching = rig.watch('--no-heal', '--no-prune', ...never);
  await told(watching, /2 created/);
  await rig.aac('stop', 'web');
  await told(watching, /agent\/web\/0 would be started: drift .* `aac apply --target web` puts it right/);
  await rm(join(rig.project, 'old.agent.yaml'));
  await told(watching, 'agent/old/0 would be deleted: no manifest declares it any more');
  await rig.agent('new', sleeps);
  await eventually(() => runs(rig, 'new'));
  expect(await runs(rig, 'web')).toBe(false);
  expect(await runs(rig, 'old')).toBe(true);
});

test('a dry run says what it would do as things change, and does nothing', async () => {
  await using rig = await createWatchRig();
  await rig.agent('web', sleeps);
  const watching = rig.watch('--dry-run', ...never);
  await told(watching, 'agent/web/0 will be created');
  await rig.agent('other', sleeps);
  await told(watching, 'agent/other/0 will be created');
  expect(await rig.ps('web')).toMatchObject({ state: 'missing' });
  expect((await rig.aac('watch', '--status')).exitCode).toBe(1);
  expect(await watching.end('SIGINT')).toBe(0);
});

test('a closed sync window holds changes until a person makes them or the project opens it', async () => {
  await using rig = await createWatchRig();
  await project(rig, '  sync: { windows: [{ kind: deny, schedule: "* * * * *", duration: 1h }] }\n');
  await rig.agent('web', sleeps);
  const watching = rig.watch(...never);
  await told(watching, 'agent/web/0 would be created: no sync window lets it through; `aac apply --target web`');
  expect((await rig.aac('watch', '--status')).stdout).toContain('agent/web/0 would be created');
  expect((await rig.aac('ps')).stderr).toContain('agent/web/0 would be created');
  await rig.aac('apply', '--auto-approve', '--target', 'web');
  await eventually(() => runs(rig, 'web'));

  await rig.agent('new', sleeps);
  await told(watching, 'agent/new/0 would be created');
  await project(rig, '  sync: { windows: [] }\n');
  await eventually(() => runs(rig, 'new'));
});

test('a manifest whose agent cannot be run keeps no other waiting', async () => {
  await using rig = await createWatchRig();
  await rig.agent('web', sleeps);
  await rig.agent('bad', 'exit 3', '  restartPolicy: never\n  dependsOn: []\n');
  await writeFile(
    join(rig.project, 'gone.agent.yaml'),
    'apiVersion: agent.dev/v1\nkind: Agent\nmetadata: { name: gone }\nspec:\n  command: [/nonexistent/program]\n',
  );
  const watching = rig.watch(...never);
  await eventually(
    () => runs(rig, 'web'),
    () => watching.output(),
  );
  await told(watching, /agent\/gone\/0 would be \w+: .* its manifest changes/);
  await rig.agent('new', sleeps);
  await eventually(() => runs(rig, 'new'));
  await rig.agent('gone', sleeps);
  await eventually(() => runs(rig, 'gone'));
});
