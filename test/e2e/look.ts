import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { dockerHost } from '../support/docker.ts';
import type { Rig } from '../support/rig.ts';
import { shell } from './manifests.ts';
import { runningOnce, type World } from './world.ts';

const command = join(import.meta.dirname, '..', '..', 'bin', 'aac');

/** `ps` and `logs`. */
export function lookTests(world: World): void {
  test('ps lists what runs, as a table and as a document, and with --all what has ended', async () => {
    await using rig = world.rig();
    rig.write({
      'web.agent.yaml': world.agent('web', { replicas: 2, healthCheck: { command: ['true'], interval: '1s' } }),
      'once.agent.yaml': world.agent('once', { ...shell('exit 0'), restartPolicy: 'never' }),
    });
    const before = await rig.aac('ps');
    expect(before).toMatchObject({ exitCode: 0, stdout: '' });
    await rig.apply();

    const { exitCode, stdout } = await rig.aac('ps');
    expect(exitCode).toBe(0);
    const [heading = '', ...rows] = stdout.trimEnd().split('\n');
    expect(heading).toMatch(/^AGENT +REPLICA +DRIVER +STATE +HEALTH/);
    expect(rows.map((row) => row.split(/ +/).slice(0, 4))).toEqual([
      ['web', '0', world.driver, 'running'],
      ['web', '1', world.driver, 'running'],
    ]);

    rig.write({ 'later.agent.yaml': world.agent('later') });
    const all = JSON.parse((await rig.aac('ps', '--all', '--format', 'json')).stdout) as {
      readonly agents: readonly object[];
    };
    expect(all.agents).toMatchObject([
      { address: 'agent/later/0', driver: world.driver, state: 'missing' },
      { address: 'agent/once/0', driver: world.driver, state: 'exited', exitCode: 0 },
      { address: 'agent/web/0', driver: world.driver, state: 'running', restarts: 0 },
      { address: 'agent/web/1', driver: world.driver, state: 'running', restarts: 0 },
    ]);
  });

  test('logs shows what an agent has printed on both streams, all of it or its end', async () => {
    await using rig = world.rig();
    rig.write({
      'web.agent.yaml': world.agent('web', shell('echo one; echo two >&2; echo three; exec sleep 86400')),
      'other.agent.yaml': world.agent('other', shell('echo other; exec sleep 86400')),
    });
    await rig.apply();
    const linesOf = async (...parameters: readonly string[]): Promise<readonly string[]> => {
      const { exitCode, stdout, all } = await rig.aac('logs', ...parameters);
      expect(exitCode, all).toBe(0);
      return stdout.trimEnd().split('\n');
    };
    await expect.poll(() => linesOf('web'), { timeout: 20_000 }).toHaveLength(3);
    expect([...(await linesOf('web'))].sort()).toEqual(['one', 'three', 'two']);
    expect(await linesOf('web/0', '--tail', '1')).toHaveLength(1);
    expect((await linesOf()).filter((line) => line.endsWith('other'))).toEqual(['other | other']);
    const json = (await linesOf('web', '--format', 'jsonl')).map((line) => JSON.parse(line) as object);
    expect(json).toContainEqual({
      agent: 'web',
      replica: 0,
      stream: 'stderr',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      text: 'two',
    });
    expect(await linesOf('web', '--grep', '^o.e$')).toEqual(['one']);
    expect(await linesOf('web', '--timestamps', '--grep', 'two')).toEqual([
      expect.stringMatching(/^[\d-]+T[\d:.]+Z two$/),
    ]);
    expect(await linesOf('web', '--since', '1h', '--until', '2125-01-01T00:00:00Z')).toHaveLength(3);
    expect(await linesOf('--until', '1h')).toEqual(['']);
  });

  test('logs refuses what it cannot read, and says what it takes', async () => {
    await using rig = world.rig();
    for (const [option, value, message] of [
      ['--grep', '(', /Unterminated group/],
      ['--since', 'yesterday', /a duration such as `10m` or a time such as `2026-01-31T09:30:00Z`/],
      ['--until', '2026-01-31', /a duration such as `10m` or a time such as/],
    ] as const) {
      const { exitCode, stdout, stderr } = await rig.aac('logs', option, value);
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toMatch(message);
    }
    const { exitCode, stderr } = await rig.aac('logs', '--since', '1m', '--until', '1h');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('`--since` is later than `--until`');
  });

  test('logs -f goes on while the agent prints and ends with it', async () => {
    await using rig = world.rig();
    rig.write({
      'once.agent.yaml': world.agent('once', {
        ...shell('echo begun; while [ ! -e "$GATE" ]; do sleep 0.1; done; echo ended'),
        environment: [{ name: 'GATE', value: world.driver === 'docker' ? '/gate/open' : `${rig.folder}/gate/open` }],
        restartPolicy: 'never',
        ...(world.driver === 'docker'
          ? { volumes: [{ type: 'bind', source: './gate', target: '/gate', create: true }] }
          : {}),
      }),
    });
    const apply = rig.begin('apply', '--auto-approve');
    await apply.until(/agent\/once\/0: waiting/);
    const logs = rig.begin('logs', '-f', 'once');
    await logs.until(/^begun$/m);
    rig.write({ 'gate/open': '' });
    const { exitCode, stdout } = await logs.ended;
    expect(exitCode).toBe(0);
    expect(stdout).toBe('begun\nended\n');
    expect(await apply.ended).toMatchObject({ exitCode: 0 });
  });

  test('logs -f ends at Ctrl-C and leaves the agent alone', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web', shell('echo begun; exec sleep 86400')) });
    await rig.apply();
    const before = await runningOnce(world, rig);
    const logs = rig.begin('logs', '--follow');
    await logs.until(/begun/);
    logs.signal('SIGINT');
    expect([0, 130]).toContain((await logs.ended).exitCode);
    expect(await runningOnce(world, rig)).toEqual(before);
  });

  test('logs of 200,000 lines are complete and in order, and wait for a slow reader or end with one that leaves', async () => {
    const count = 200_000;
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web', shell(`seq ${String(count)}; exec sleep 86400`)) });
    await rig.apply();
    const last = async (): Promise<string> => (await rig.aac('logs', '--tail', '1')).stdout;
    await expect.poll(last, { timeout: 60_000 }).toBe(`${String(count)}\n`);
    const all = Array.from({ length: count }, (_, index) => `${String(index + 1)}\n`).join('');
    expect((await rig.aac('logs')).stdout === all).toBe(true);

    const byHand = 'while read -r line; do echo "$line"; done'; // reads byte by byte
    const slow = await pipeLogs(world, rig, byHand);
    expect(slow.stdout === all).toBe(true);
    expect(slow.stderr).toBe('logs ended with 0\n');
    expect(await pipeLogs(world, rig, 'head -n 2')).toEqual({ stdout: '1\n2\n', stderr: 'logs ended with 0\n' });
  });

  test('logs of nobody is an error that says what there is', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web') });
    await rig.apply();
    const { exitCode, stderr } = await rig.aac('logs', 'wbe');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('`wbe`');
  });
}

/** `aac logs` into a shell's command; says on stderr how it ended. */
async function pipeLogs(
  world: World,
  rig: Rig,
  reader: string,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const script = `("$0" "$1" logs; echo "logs ended with $?" >&2) | ${reader}`;
  const { stdout, stderr } = await execa('sh', ['-c', script, process.execPath, command], {
    cwd: rig.folder,
    env: { AAC_STATE_DIR: rig.state, ...(world.driver === 'docker' ? { DOCKER_HOST: dockerHost() } : {}) },
    stripFinalNewline: false,
  });
  return { stdout, stderr };
}
