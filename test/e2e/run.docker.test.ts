import { expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { docker } from './engine-view.ts';
import { busybox } from './manifests.ts';
import { running, runTests } from './run.ts';
import { dockerWorld } from './world.ts';

const interactive = ['run', '--rm', '-it', '--pull', 'never', busybox.image, '--'] as const;

describeDocker('containers without a file', () => {
  runTests(dockerWorld);

  test('an image that is missing, or cannot be pulled, is said so and leaves nothing behind', async () => {
    await using rig = dockerWorld.rig({ project: 'none' });
    const never = await rig.aac('run', '--pull', 'never', 'aac-test/none:1');
    expect(never.exitCode).toBe(125);
    expect(never.stderr).toContain('image `aac-test/none:1` not found locally');
    const pulled = await rig.aac('run', '127.0.0.1:1/none:1');
    expect(pulled.exitCode, pulled.all).toBe(125);
    expect(pulled.stderr).toContain('127.0.0.1:1/none:1');
    const networks = await docker().listNetworks();
    expect(networks.filter(({ Name }) => Name.startsWith(rig.workspace))).toEqual([]);
  });

  test('a network that only runs have used goes with the last of them', async () => {
    await using rig = dockerWorld.rig({ project: 'none' });
    const own = async () => (await docker().listNetworks()).filter(({ Name }) => Name.startsWith(rig.workspace));
    for (const name of ['one', 'two']) await rig.aac(...running(dockerWorld, 'exit 0', '-q', '--name', name));
    await rig.aac('rm', 'one');
    expect(await own()).toHaveLength(1);
    await rig.aac('rm', 'two');
    expect(await own()).toEqual([]);
  });

  test('a terminal has the size of the one it is seen on, follows it, and ends with the exit code', async () => {
    await using rig = dockerWorld.rig();
    const run = rig.onTerminal({ columns: 91, rows: 31 }, ...interactive, 'sh');
    await run.until(/# /);
    run.type('while ! stty size | grep "31 91"; do sleep 0.1; done\r');
    await run.until(/^31 91/m);
    run.resize(111, 33);
    run.type('while ! stty size | grep "33 111"; do sleep 0.1; done\r');
    await run.until(/^33 111/m);
    run.type('exit 9\r');
    expect(await run.ended).toBe(9);
  });

  test('logs of one with a terminal that nobody sees are its lines, without what the terminal adds', async () => {
    await using rig = dockerWorld.rig();
    const script = 'tty; echo two >&2; echo three; exec sleep 86400';
    await rig.aac('run', '-t', '-d', '--name', 'web', '--pull', 'never', busybox.image, '--', 'sh', '-c', script);
    const lines = async (...parameters: readonly string[]): Promise<readonly string[]> =>
      (await rig.aac('logs', 'web', ...parameters)).stdout.split('\n');
    await expect.poll(() => lines(), { timeout: 20_000 }).toEqual(['/dev/pts/0', 'two', 'three', '']);
    expect(await lines('--tail', '1')).toEqual(['three', '']);
    const [first = ''] = await lines('--format', 'jsonl');
    expect(JSON.parse(first)).toMatchObject({ stream: 'stdout', text: '/dev/pts/0' });
  });

  test('the terminal is as it was after every ending', async () => {
    await using rig = dockerWorld.rig();
    const shell = rig.onTerminal({ columns: 80, rows: 24, shell: true });
    // on one line, as an agent with a terminal would read what is typed ahead
    const begin = (mark: string, command: string): void => {
      shell.type(`${command}; echo ${mark}-"begin"; stty -g; echo ${mark}-"end"\r`);
    };
    const settings = async (mark: string): Promise<string | undefined> => {
      await shell.until(new RegExp(`${mark}-end`));
      return new RegExp(`${mark}-begin\\s+(\\S+)`).exec(shell.printed())?.[1];
    };
    begin('first', 'true');
    const before = await settings('first');
    expect(before).toMatch(/:/);
    begin('ended', `"$AAC" ${interactive.join(' ')} sh -c 'exit 0'`);
    expect(await settings('ended')).toBe(before);
    begin(
      'killed',
      `"$AAC" ${interactive.join(' ').replace('-it', '-it --name killed')} sh -c 'echo is-"up"; sleep 1000'`,
    );
    await shell.until(/is-up/);
    const [container] = await docker().listContainers({ filters: { name: [`${rig.workspace}-killed`] } });
    await docker()
      .getContainer(container?.Id ?? '')
      .kill();
    expect(await settings('killed')).toBe(before);
    shell.type('exit\r');
    await shell.ended;
  });

  test('Ctrl-P Ctrl-Q lets go of an agent that has a terminal', async () => {
    await using rig = dockerWorld.rig();
    const run = rig.onTerminal({ columns: 80, rows: 24 }, 'run', '-it', '--name', 'web', busybox.image, '--', 'sh');
    await run.until(/# /);
    run.type('\u0010\u0011');
    await run.until(/`web` goes on/);
    expect(await run.ended).toBe(0);
    const exec = rig.onTerminal({ columns: 92, rows: 32 }, 'exec', '-it', 'web', '--', 'sh');
    await exec.until(/# /);
    exec.type('while ! stty size | grep "32 92"; do sleep 0.1; done; exit 8\r');
    await exec.until(/^32 92/m);
    expect(await exec.ended).toBe(8);
  });
});
