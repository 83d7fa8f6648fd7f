import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { eventually } from '../drivers/process/rig.ts';
import { createWatchRig, type WatchRig } from './watch-rig.ts';

const count = 300;

/** Runs of a watch that logs, with what set each off. */
function reconciles(output: string): readonly string[] {
  return [...output.matchAll(/^\{.*"msg":"reconciling".*$/gm)].map(([line]) => line);
}

async function writeManifests({ project }: WatchRig, folder: string, prefix: string, seconds: number): Promise<void> {
  await mkdir(join(project, folder));
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${String(index)}`);
  await Promise.all(
    names.map((name) =>
      writeFile(
        join(project, folder, `${name}.agent.yaml`),
        `apiVersion: agent.dev/v1\nkind: Agent\nmetadata: { name: ${name} }\nspec: { command: [sleep, "${String(seconds)}"] }\n`,
      ),
    ),
  );
}

test('a checkout that moves and changes hundreds of manifests is one change, and one run follows', async () => {
  await using rig = await createWatchRig();
  const git = async (...words: readonly string[]): Promise<void> => {
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];
    await promisify(execFile)('git', [...who, ...words], { cwd: rig.project });
  };
  await git('init', '--quiet', '--initial-branch', 'one');
  await writeManifests(rig, 'before', 'old', 100);
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'one');
  await git('checkout', '--quiet', '-b', 'two');
  await git('mv', 'before', 'after');
  await writeManifests(rig, 'more', 'new', 200);
  await rm(join(rig.project, 'after', 'old-0.agent.yaml'));
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'two');
  await git('checkout', '--quiet', 'one');

  const watching = rig.watch('--dry-run', '--log-level', 'info', '--debounce', '300ms', '--resync', '0 0 1 1 *');
  const shows = (text: string | RegExp): Promise<void> =>
    eventually(
      async () => new RegExp(text).test(watching.output()),
      () => `${String(reconciles(watching.output()).length)} runs: ${watching.output().slice(-2_000)}`,
    );
  await shows(`Plan: ${String(count)} to create`);
  await git('checkout', '--quiet', 'two');
  await shows(`Plan: ${String(2 * count - 1)} to create`);
  watching.process.kill('SIGHUP'); // what still was on its way would be a run of its own, or come with this one
  await shows(/"reasons":\[.*"SIGHUP"/);
  const runs = reconciles(watching.output());
  expect(
    runs.filter((run) => !run.includes('"SIGHUP"')),
    runs.join('\n'),
  ).toHaveLength(2);
  expect(runs[0]).toContain('"reasons":["start"]');
});
