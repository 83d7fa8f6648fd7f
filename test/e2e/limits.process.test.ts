import { chmodSync, chownSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { createLinuxSystem } from '../../src/drivers/process/linux-system.ts';
import type { Rig } from '../support/rig.ts';
import { runCommand, type Ended } from '../support/run-command.ts';
import { localProcess, shell } from './manifests.ts';
import { processWorld, runningOnce } from './world.ts';

const support = process.platform === 'linux' ? createLinuxSystem().cgroups() : undefined;
const limited = (memory: string) => ({ resources: { limits: { memory } } });
const patience = { timeout: 60_000, interval: 250 };

/** Waits for a file `go`, then takes 96 MB and keeps them. The shell takes itself for started before that. */
const hog = (then = 'setInterval(() => all, 1e6)') =>
  `while [ ! -e go ]; do sleep 0.1; done; exec '${process.execPath}' -e 'const all = Buffer.alloc(96e6, 1); ${then}'`;

/** The one row of `aac ps`. */
async function row(rig: Rig): Promise<string> {
  return (await rig.aac('ps')).stdout.trimEnd().split('\n').at(-1) ?? '';
}

describe.skipIf(!support)('a memory limit that a cgroup holds', () => {
  test('ends who takes more; ps and plan say so, and what was stopped is not among it', async () => {
    await using rig = processWorld.rig();
    rig.write({
      'web.agent.yaml': localProcess('web', { ...shell(hog()), ...limited('64Mi') }),
      'calm.agent.yaml': localProcess('calm'),
    });
    await rig.apply();
    await rig.aac('stop', 'calm');
    rig.write({ go: '' });
    await expect.poll(() => row(rig), patience).toMatch(/^web +0 +process +exited \(137\): memory limit /);
    expect((await rig.aac('ps')).stdout).not.toContain('calm');
    expect((await rig.aac('plan')).stdout).toMatch(/agent\/web\/0 .*not running \(exited.* 137: memory limit\)/);
  });

  test.skipIf(support?.version !== 'v1')(
    'is not lowered below what is in use: the apply says so, and the process goes on',
    async () => {
      await using rig = processWorld.rig();
      const script = `if [ -e grown ]; then exec sleep 86400; fi; touch grown; ${hog('console.log("grown"); setInterval(() => all, 1e6)')}`;
      rig.write({ go: '', 'web.agent.yaml': localProcess('web', { ...shell(script), ...limited('256Mi') }) });
      await rig.apply();
      await expect.poll(async () => (await rig.aac('logs', 'web')).stdout, patience).toContain('grown');
      const before = await runningOnce(processWorld, rig);
      rig.edit('web.agent.yaml', '256Mi', '32Mi');

      const refused = await rig.aac('apply', '--auto-approve');
      expect(refused.exitCode, refused.all).toBe(1);
      expect(refused.stdout).toMatch(/the kernel refuses `.*` a memory limit of 32Mi while it uses \d+Mi/);
      expect(refused.stdout).toMatch(/web\.agent\.yaml:\d+:\d+/);
      expect(refused.stdout).toContain('`aac stop web` and apply again');
      expect(await runningOnce(processWorld, rig)).toEqual(before);
      expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 2 });

      await rig.aac('stop', 'web');
      await rig.apply();
      expect(await row(rig)).toMatch(/^web +0 +process +running/);
      expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
    },
  );
});

/** Makes the folders of a rig those of `nobody`, who may make no cgroup, and gives what begins a command as that user. */
function asNobody(rig: Rig): readonly string[] {
  const nobody = 65_534;
  for (const folder of [dirname(rig.folder), rig.folder]) {
    chownSync(folder, nobody, nobody);
    chmodSync(folder, 0o755);
  }
  return [`--reuid=${String(nobody)}`, `--regid=${String(nobody)}`, '--clear-groups', process.execPath, command];
}

const command = join(import.meta.dirname, '..', '..', 'bin', 'aac');
const isRoot = process.getuid?.() === 0;
const mayBeNobody = isRoot && (await runCommand('setpriv', ['--version']).catch(() => undefined))?.exitCode === 0;

describe.skipIf(!mayBeNobody)('aac of a user who is not root', () => {
  test('holds a memory limit by a watchdog while it watches, which the plan says, and ps who was ended by it', async () => {
    await using rig = processWorld.rig();
    const prefix = asNobody(rig);
    const environment = { AAC_STATE_DIR: rig.state, HOME: rig.folder };
    const aac = (...parameters: readonly string[]): Promise<Ended> =>
      runCommand('setpriv', [...prefix, ...parameters], { cwd: rig.folder, environment });
    const always = { healthCheck: { type: 'file', path: join(rig.folder, 'aac.yaml') }, restartPolicy: 'never' };
    rig.write({
      go: '',
      'web.agent.yaml': localProcess('web', { ...shell(`(${hog()}) & wait`), ...limited('64Mi'), ...always }),
    });
    const planned = await aac('plan');
    expect(planned.all).toContain('memory limits enforced by a watchdog while `aac watch` runs');

    const watching = execa('setpriv', [...prefix, 'watch', '--debounce', '50ms'], {
      cwd: rig.folder,
      env: { NO_COLOR: '1', ...environment },
      stdin: 'ignore',
      all: true,
      reject: false,
    });
    try {
      await expect
        .poll(async () => (await aac('ps')).stdout, patience)
        .toMatch(/^web +0 +process +exited \(137\): memory limit /m);
    } finally {
      watching.kill('SIGINT');
    }
    expect((await watching).all).toMatch(/agent\/web\/0 .*memory limit: .* of 64Mi/);
    expect((await aac('plan')).stdout).toMatch(/agent\/web\/0 .*memory limit/);
    expect(rig.processes()).toEqual([]);
  });

  test('cannot run agents as somebody else, which is an error at its line', async () => {
    await using rig = processWorld.rig();
    const prefix = asNobody(rig);
    rig.write({ 'web.agent.yaml': localProcess('web', { securityContext: { runAsUser: 1000 } }) });
    const applied = await runCommand('setpriv', [...prefix, 'apply', '--auto-approve'], {
      cwd: rig.folder,
      environment: { AAC_STATE_DIR: rig.state, HOME: rig.folder },
    });
    expect(applied.exitCode).toBe(1);
    expect(applied.all).toMatch(/web\.agent\.yaml:\d+:\d+/);
    expect(applied.all).toContain('runAsUser: 1000');
    expect(applied.all).toMatch(/root/);
    expect(rig.processes()).toEqual([]);
  });
});

describe('a tree of processes', () => {
  test('is stopped and destroyed with a grandchild that has a session of its own and ignores signals', async () => {
    await using rig = processWorld.rig();
    const stubborn = `setsid sh -c 'trap "" TERM HUP INT; echo up; while :; do sleep 86400; done' & exec sleep 86400`;
    rig.write({ 'web.agent.yaml': localProcess('web', shell(stubborn)) });
    const grown = async (lines: number): Promise<void> => {
      await expect
        .poll(async () => (await rig.aac('logs', 'web')).stdout.match(/up/g)?.length ?? 0, patience)
        .toBe(lines);
      expect(rig.processes().length).toBeGreaterThanOrEqual(4); // the latch, two shells' sleeps and the stubborn one
    };
    await rig.apply();
    await grown(1);
    expect(await rig.aac('stop', 'web')).toMatchObject({ exitCode: 0 });
    expect(rig.processes()).toEqual([]);
    await rig.aac('start', 'web');
    await grown(2);
    expect(await rig.aac('destroy', '--auto-approve')).toMatchObject({ exitCode: 0 });
    expect(rig.processes()).toEqual([]);
  });
});

describe('the ports of a process', () => {
  test('any free one is kept over stops, crashes and starts, and is in the environment', async () => {
    await using rig = processWorld.rig();
    const script = 'echo "$PORT $AAC_PORT_8080"; exec sleep 86400';
    rig.write({ 'web.agent.yaml': localProcess('web', { ...shell(script), ports: [{ container: 8080, host: 0 }] }) });
    await rig.apply();
    await rig.aac('stop', 'web');
    await rig.aac('start', 'web');
    const [pid = ''] = (await runningOnce(processWorld, rig)).get('web/0')?.identity.split(' ') ?? [];
    process.kill(-Number(pid), 'SIGKILL');
    await expect.poll(async () => (await processWorld.running(rig)).size).toBe(0);
    await rig.apply();
    const printed = async (): Promise<readonly string[]> => (await rig.aac('logs', 'web')).stdout.trimEnd().split('\n');
    await expect.poll(printed, patience).toHaveLength(3);
    const [port = ''] = (await printed())[0]?.split(' ') ?? [];
    expect(Number(port)).toBeGreaterThan(0);
    expect(new Set(await printed())).toEqual(new Set([`${port} ${port}`]));
    expect(await row(rig)).toContain(`:${port}->8080/tcp`);
  });

  test('one that is taken is refused with who holds it, at its line', async () => {
    await using rig = processWorld.rig();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = server.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      const ports = [{ container: port, host: port, hostIp: '127.0.0.1' }];
      rig.write({ 'web.agent.yaml': localProcess('web', { ports }) });
      const refused = await rig.aac('apply', '--auto-approve');
      expect(refused.exitCode).toBe(1);
      expect(refused.all).toMatch(new RegExp(`${String(port)}.*\\b(pid |process )?${String(process.pid)}\\b`));
      expect(refused.all).toMatch(/web\.agent\.yaml:\d+:\d+/);
      expect(rig.processes()).toEqual([]);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
