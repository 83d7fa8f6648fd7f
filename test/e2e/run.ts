import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Rig } from '../support/rig.ts';
import { busybox } from './manifests.ts';
import { namesOf, type World } from './world.ts';

/** Says when it is up, and ends in its own way on a signal. */
const obedient = 'trap "echo bye; exit 3" TERM; trap "exit 5" HUP; echo ready; while :; do sleep 0.05; done';
const stubborn = 'trap "" TERM; echo ready; while :; do sleep 0.05; done';

/** What runs a line of shell: options, then the image or the driver, then the command. */
export function running(world: World, script: string, ...options: readonly string[]): readonly string[] {
  const what = world.driver === 'docker' ? ['--pull', 'never', busybox.image] : ['--driver', 'process'];
  return ['run', ...options, ...what, '--', 'sh', '-c', script];
}

/** The agents that stand, as `ps --all` tells them. */
async function standing(rig: Rig): Promise<readonly string[]> {
  const { stdout } = await rig.aac('ps', '--all', '--format', 'json');
  const { agents } = JSON.parse(stdout) as {
    readonly agents: readonly { readonly address: string; readonly state: string }[];
  };
  return agents.filter(({ state }) => state !== 'missing').map(({ address }) => address);
}

/** `run`, `exec` and `rm` without a terminal. */
export function runTests(world: World): void {
  test('a foreground agent prints on its own streams, ends with its exit code and is gone with --rm', async () => {
    await using rig = world.rig({ project: 'none' }); // a directory without any manifest
    const { exitCode, stdout, stderr } = await rig.aac(...running(world, 'echo out; echo err >&2; exit 7', '--rm'));
    expect({ exitCode, stdout }).toEqual({ exitCode: 7, stdout: 'out\n' });
    expect(stderr).toMatch(/^\S+ {2}[a-z]+-[a-z]+\nerr\n$/);
    expect(await standing(rig)).toEqual([]);
  });

  test('nothing is lost of what an agent prints that ends at once', async () => {
    await using rig = world.rig();
    const { stdout } = await rig.aac(...running(world, 'seq 1 50000', '--rm', '-q'));
    expect(stdout).toBe(Array.from({ length: 50_000 }, (_, index) => `${String(index + 1)}\n`).join(''));
  });

  test('input is passed on to its end', async () => {
    await using rig = world.rig();
    const input = 'some words\n'.repeat(20_000);
    const { exitCode, stdout } = await rig.feed(input, ...running(world, 'cat; exit 4', '--rm', '-q', '-i'));
    expect(exitCode).toBe(4);
    expect(stdout).toBe(input);
  });

  test('Ctrl-C sends the stop signal and says what a second one does; other signals are handed on', async () => {
    await using rig = world.rig();
    const interrupted = rig.begin(...running(world, obedient, '--rm', '--name', 'web'));
    await interrupted.until(/^ready$/m);
    interrupted.signal('SIGINT');
    const end = await interrupted.ended;
    expect(end.exitCode, end.all).toBe(3);
    expect(end.stdout).toBe('ready\nbye\n');
    expect(end.stderr).toContain('stopping `web` with SIGTERM; Ctrl-C again kills it');

    const hungUp = rig.begin(...running(world, obedient, '--rm'));
    await hungUp.until(/^ready$/m);
    hungUp.signal('SIGHUP');
    expect((await hungUp.ended).exitCode).toBe(5);
    expect(await standing(rig)).toEqual([]);
  });

  test('a second Ctrl-C kills what takes no notice, and --rm still removes it', async () => {
    await using rig = world.rig();
    const run = rig.begin(...running(world, stubborn, '--rm', '--name', 'web'));
    await run.until(/^ready$/m);
    run.signal('SIGINT');
    await run.until(/again kills it/);
    run.signal('SIGINT');
    expect((await run.ended).exitCode).toBe(137);
    expect(await standing(rig)).toEqual([]);
  });

  test('a command that is not there ends with 127', async () => {
    await using rig = world.rig();
    const ended = await rig.aac(...running(world, '', '--rm').slice(0, -3), 'no-such-command');
    expect(ended.exitCode, ended.all).toBe(127);
    expect(ended.stderr).toContain('no-such-command');
    expect(await standing(rig)).toEqual([]);
  });

  test('is listed beside declared agents, reached by its name, and passed by by plan, apply, watch and destroy', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web') });
    await rig.apply();
    const started = await rig.aac(
      ...running(world, 'echo up; exec sleep 86400', '-d', '--name', 'extra', '-p', '0:80'),
    );
    expect(started.exitCode, started.all).toBe(0);
    expect(started.stdout).toMatch(/^\S+ {2}extra {2}0\.0\.0\.0:\d+->80\/tcp(, :::\d+->80\/tcp)?\n$/);
    expect(await standing(rig)).toEqual(['run/extra', 'agent/web/0']);
    expect((await rig.aac('logs', 'extra')).stdout).toBe('up\n');

    const before = await namesOf(world, rig);
    expect((await rig.plan()).nodes).toEqual([]);
    await rig.apply();
    expect((await rig.aac('watch', '--once')).exitCode).toBe(0);
    expect(await namesOf(world, rig)).toEqual(before);
    expect((await rig.aac('destroy', '--auto-approve')).exitCode).toBe(0);
    expect(await standing(rig)).toEqual(['run/extra']);

    const running_ = await rig.aac('rm', 'extra');
    expect(running_).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('`aac rm --force extra`') as string,
    });
    expect((await rig.aac('rm', '--force', 'extra')).exitCode).toBe(0);
    expect(await standing(rig)).toEqual([]);
    expect(await world.running(rig)).toEqual(new Map());
  });

  test('a name that is taken is refused, and rm refuses what a manifest declares', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web') });
    const declared = await rig.aac(...running(world, 'exit 0', '--name', 'web'));
    expect(declared.exitCode).toBe(125);
    expect(declared.stderr).toContain('`web.agent.yaml` declares an agent `web`');
    await rig.apply();
    const removed = await rig.aac('rm', 'web');
    expect(removed.exitCode).toBe(1);
    expect(removed.stderr).toContain('aac destroy --target web');
    expect((await rig.aac(...running(world, 'exit 0', '-q', '--name', 'one'))).exitCode).toBe(0);
    const again = await rig.aac(...running(world, 'exit 0', '--name', 'one'));
    expect(again.exitCode).toBe(125);
    expect(again.stderr).toContain('`aac rm one`');
    expect(await standing(rig)).toEqual(['run/one', 'agent/web/0']);
  });

  test('a port that is taken is named with its holder at its place, and nothing is left behind', async () => {
    await using rig = world.rig({ project: 'none' });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ended = await rig.aac(...running(world, 'exit 0', '--rm', '-p', `127.0.0.1:${String(port)}:80`));
    server.close();
    expect(ended.exitCode).toBe(125);
    expect(ended.stderr).toContain(`port ${String(port)} is already in use`);
    expect(ended.stderr).toMatch(/ --> command line:1:\d+/);
    expect(await standing(rig)).toEqual([]);
  });

  test('values that are not written on the command line reach the agent and nothing else', async () => {
    await using rig = world.rig();
    const secret = 'sentinel-4711-value';
    rig.write({ 'vars.env': `FROM_FILE=${secret}-file\n` });
    const options = ['-e', 'MINE', '--env-file', 'vars.env', '-e', 'LITERAL=a$b', '--name', 'web'];
    const commands = rig.with({ environment: { MINE: `${secret}-mine` } });
    const script = 'echo "$MINE $FROM_FILE $LITERAL" | tr a-z A-Z';
    const { stdout, stderr } = await commands.aac(...running(world, script, ...options));
    expect(stdout).toBe(`${secret}-mine ${secret}-file a$b\n`.toUpperCase());
    const ps = await commands.aac('ps', '--all', '--format', 'json');
    expect(stderr + ps.all).not.toContain(secret);
    const kept = readdirSync(rig.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const file of kept) expect(readFileSync(join(file.parentPath, file.name), 'utf8')).not.toContain(secret);
  });

  test('what is wrong on a command line is shown at its place, values of variables left out', async () => {
    await using rig = world.rig();
    const ended = await rig.aac(...running(world, 'exit 0', '-e', 'TOKEN=sentinel', '-m', '512m', '--name', 'web'));
    expect(ended.exitCode).toBe(125);
    expect(ended.stderr).toContain('512Mi');
    expect(ended.stderr).toContain('--env TOKEN=… --memory 512m');
    expect(ended.stderr).not.toContain('sentinel');
  });

  test('exec passes input, variables, folder and the exit code', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web', { replicas: 2, environment: [{ name: 'OWN', value: 'own' }] }) });
    await rig.apply();
    const script = 'pwd; echo "$OWN $MORE"; cat; echo problem >&2; exit 9';
    const ended = await rig.feed(
      'typed\n',
      'exec',
      '-i',
      '-e',
      'MORE=more',
      '-w',
      '/tmp',
      'web/1',
      '--',
      'sh',
      '-c',
      script,
    );
    expect(ended).toMatchObject({ exitCode: 9, stdout: '/tmp\nown more\ntyped\n', stderr: 'problem\n' });
    expect((await rig.aac('exec', 'nobody', '--', 'true')).exitCode).toBe(125);
    expect([126, 127]).toContain((await rig.aac('exec', 'web', '--', 'no-such-command')).exitCode);
  });

  test('exec in an agent that does not run says so', async () => {
    await using rig = world.rig();
    await rig.aac(...running(world, 'exit 0', '-q', '--name', 'once'));
    const ended = await rig.aac('exec', 'once', '--', 'true');
    expect(ended.exitCode).toBe(125);
    expect(ended.stderr).toContain('`once` does not run: it is exited');
  });
}
