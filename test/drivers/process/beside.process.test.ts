import { chmod } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ExecOrder } from '../../../src/drivers/driver.ts';
import { createLinuxSystem } from '../../../src/drivers/process/linux-system.ts';
import { createPsSystem } from '../../../src/drivers/process/ps-system.ts';
import type { System } from '../../../src/drivers/process/system.ts';
import { createRig, eventually, shell, type Rig } from './rig.ts';

const signal = new AbortController().signal;
const systems: readonly (readonly [string, () => System])[] = [
  ['/proc', createLinuxSystem],
  ['ps', () => createPsSystem('linux')],
];

let rig: Rig;
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

/** What a command wrote, and how it ended. */
async function exec(ref: string, command: readonly string[], more: Partial<ExecOrder> = {}) {
  const written = { stdout: '', stderr: '' };
  const output: ExecOrder['output'] = (stream, chunk) => {
    written[stream] += Buffer.from(chunk).toString();
  };
  const result = await rig.driver.exec?.(ref, { command, output, signal, ...more });
  return { ...written, result };
}

describe.each(systems)('what a tree uses, read from %s,', (_, createSystem) => {
  it('is that of all its processes, wherever they hide', async () => {
    rig = await createRig({ system: createSystem() });
    const work = 'for (const end = Date.now() + 2500; Date.now() < end; ); console.log(1)';
    const busy = `'${process.execPath}' -e 'const all = Buffer.alloc(64e6, 1); ${work}; setInterval(() => all, 1e6)'`;
    const ref = await rig.start(shell(`setsid ${busy} & exec sleep 60`));
    await eventually(async () => (await rig.logs(ref)).length === 1);
    const usage = await rig.driver.stats?.(ref, signal);
    if (!usage?.ok) throw new Error('there are no stats');
    expect(usage.value.pids).toBe(3);
    expect(usage.value.memory).toBeGreaterThan(64e6);
    expect(usage.value.cpu).toBeGreaterThan(0);
  });

  it('cannot be told of what does not run', async () => {
    rig = await createRig({ system: createSystem() });
    const ref = await rig.start(shell('exit 0'));
    await rig.until(ref, (seen) => seen?.phase === 'exited');
    expect(await rig.driver.stats?.(ref, signal)).toMatchObject({ ok: false, error: { code: 'not-ready' } });
    const nobody = `${rig.workspace}/nobody/0123`;
    expect(await rig.driver.stats?.(nobody, signal)).toMatchObject({ ok: false, error: { code: 'not-found' } });
  });
});

describe('a command beside an instance', () => {
  it('has its environment and folder, and gives back streams and exit code', async () => {
    rig = await createRig();
    const ref = await rig.start(shell('exec sleep 60', { environment: { GREETING: 'hello' } }));
    const script = 'echo "$GREETING $AAC_LATCH"; pwd >&2; exit 3';
    expect(await exec(ref, ['sh', '-c', script])).toEqual({
      stdout: 'hello \n',
      stderr: `${rig.root}\n`,
      result: { ok: true, value: { exitCode: 3 } },
    });
  });

  it('reads what it is given, and is not held up by what it does not read', async () => {
    rig = await createRig();
    const ref = await rig.start(shell('exec sleep 60'));
    async function* input() {
      for (let index = 0; index < 100; index++) yield Buffer.from('x'.repeat(10_000));
    }
    expect(await exec(ref, ['wc', '-c'], { input: input() })).toMatchObject({ stdout: '1000000\n' });
    expect(await exec(ref, ['true'], { input: input() })).toMatchObject({
      result: { ok: true, value: { exitCode: 0 } },
    });
  });

  it('that is not there, or has nothing to be beside, is an error', async () => {
    rig = await createRig();
    const ref = await rig.start(shell('exec sleep 60'));
    expect((await exec(ref, ['no-such-command'])).result).toMatchObject({ ok: false, error: { code: 'invalid' } });
    expect((await exec(`${rig.workspace}/nobody/0123`, ['true'])).result).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    });
  });

  it('ends when nobody wants it any more, with all it started', async () => {
    rig = await createRig();
    const ref = await rig.start(shell('exec sleep 60'));
    const enough = new AbortController();
    const { result } = await exec(ref, ['sh', '-c', 'sleep 61 & echo on; wait'], {
      signal: enough.signal,
      output: () => {
        enough.abort();
      },
    });
    expect(result).toMatchObject({ ok: false, error: { code: 'aborted' } });
    await eventually(async () => (await rig.members()).length === 2);
  });
});

describe.skipIf(process.getuid?.() !== 0)('a process as another user', () => {
  it('has that user and group and no other, and its logs and exit code are kept', async () => {
    rig = await createRig();
    await chmod(rig.root, 0o755);
    const security = { readOnlyRootFilesystem: false, capabilities: { add: [], drop: [] }, noNewPrivileges: false };
    const spec = shell('id -u; id -G; exit 5', { security: { ...security, runAsUser: 12_345, runAsGroup: 23_456 } });
    const ref = await rig.start(spec);
    expect(await rig.until(ref, (seen) => seen?.phase === 'exited')).toMatchObject({ exitCode: 5 });
    expect((await rig.logs(ref)).map(({ text }) => text)).toEqual(['12345', '23456']);
    const lasting = await rig.start(shell('exec sleep 60', { security: { ...security, runAsUser: 12_345 } }), 1);
    expect(await exec(lasting, ['id', '-u'])).toMatchObject({ stdout: '12345\n' });
  });
});
