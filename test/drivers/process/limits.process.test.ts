import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '../../../src/drivers/process/instance.ts';
import { createLinuxSystem } from '../../../src/drivers/process/linux-system.ts';
import { createProcessDriver } from '../../../src/drivers/process/process-driver.ts';
import { createStore } from '../../../src/drivers/process/store.ts';
import { parseCookie } from '../../../src/drivers/process/instance.ts';
import { fieldPath } from '../../../src/model/field-path.ts';
import type { Call, CreateCall } from '../../../src/model/plan.ts';
import type { ResourceLimits } from '../../../src/model/spec.ts';
import { callOn, createRig, eventually, shell, succeed, type Rig } from './rig.ts';

const signal = new AbortController().signal;
const mebibyte = 1024 * 1024;
const support = createLinuxSystem().cgroups();

/** Grows by some mebibytes at a time, for ever. */
const hog = `'${process.execPath}' -e 'const all = []; setInterval(() => all.push(Buffer.alloc(8e6, 1)), 5)'`;

function limits(more: Partial<ResourceLimits>) {
  return { resources: { limits: { cpu: null, memory: null, pids: null, ...more } } };
}

let rig: Rig;
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

function targetOf(ref: string): CreateCall['target'] {
  return { name: parseCookie(ref)?.name ?? '', generation: 1 };
}

async function runOf(ref: string): Promise<Run> {
  const run = await createStore(rig.state).latestRun(parseCookie(ref)?.name ?? '');
  if (!run) throw new Error('it has not run');
  return run;
}

describe.skipIf(!support)('limits held by a cgroup', () => {
  beforeEach(async () => {
    rig = await createRig();
  });

  async function limitFile(ref: string, v1: string, v2: string): Promise<string> {
    const { cgroup } = await runOf(ref);
    const folder = cgroup?.folders[v2.split('.')[0] as 'memory' | 'cpu' | 'pids'] ?? '';
    return (await readFile(join(folder, cgroup?.version === 'v1' ? v1 : v2), 'utf8')).trim();
  }

  async function end(ref: string): Promise<void> {
    const create = { ...rig.createCall(shell('')), target: targetOf(ref) };
    await succeed(rig.driver, callOn(create, 'stop', ref, 0), rig.context());
    const { cgroup } = await runOf(ref);
    await succeed(rig.driver, callOn(create, 'remove', ref), rig.context());
    for (const folder of [...Object.values(cgroup?.folders ?? {}), cgroup?.tree ?? '']) {
      await expect(stat(folder)).rejects.toThrow('ENOENT');
    }
  }

  it('stop a process that takes too much memory, and say so', async () => {
    const ref = await rig.start(shell(hog, limits({ memory: 100 * mebibyte })));
    expect(await rig.until(ref, (seen) => seen?.phase === 'exited')).toMatchObject({
      exitCode: 137,
      detail: 'memory limit',
      enforcement: `cgroup ${support?.version ?? ''}`,
    });
    await end(ref);
  });

  it('are in force before the command starts, and change while it runs', async () => {
    const script = `${'cat /proc/self/cgroup >mine'}; exec sleep 60`;
    const ref = await rig.start(shell(script, limits({ memory: 64 * mebibyte, cpu: 5e8, pids: 20 })));
    const name = parseCookie(ref)?.name ?? '';
    await eventually(async () => (await readFile(join(rig.root, 'mine'), 'utf8').catch(() => '')).includes(name));
    expect(await limitFile(ref, 'memory.limit_in_bytes', 'memory.max')).toBe(String(64 * mebibyte));
    expect(await limitFile(ref, 'pids.max', 'pids.max')).toBe('20');
    const call: Call = {
      ...callOn(rig.createCall(shell('')), 'start', ref),
      verb: 'update',
      target: targetOf(ref),
      fields: {
        [fieldPath('resources', 'limits', 'memory')]: 96 * mebibyte,
        [fieldPath('resources', 'limits', 'pids')]: null,
      },
    };
    const before = await rig.look(ref);
    await succeed(rig.driver, call, rig.context());
    expect(await limitFile(ref, 'memory.limit_in_bytes', 'memory.max')).toBe(String(96 * mebibyte));
    expect(await limitFile(ref, 'pids.max', 'pids.max')).toBe('max');
    expect((await rig.look(ref))?.startedAt).toBe(before?.startedAt);
    await end(ref);
  });

  it('can be given to a tree that runs without any', async () => {
    const ref = await rig.start(shell('setsid sleep 60 & exec sleep 60'));
    await eventually(async () => (await rig.members()).filter(({ command }) => command === 'sleep').length === 2);
    const call: Call = {
      ...callOn(rig.createCall(shell('')), 'start', ref),
      verb: 'update',
      target: targetOf(ref),
      fields: { [fieldPath('resources', 'limits', 'pids')]: 20 },
    };
    await succeed(rig.driver, call, rig.context());
    expect(await limitFile(ref, 'pids.current', 'pids.current')).toBe(String((await rig.members()).length));
    await end(ref);
  });

  it('keep together what hides from every other search, so that stopping finds it', async () => {
    const script = 'setsid env -i sleep 61 & setsid env -i sleep 62 & sleep 0.1; exec sleep 60';
    const ref = await rig.start(shell(script, limits({ pids: 50 })));
    const hidden = async () => (await rig.system.processes()).filter(({ pid }) => pids.has(pid));
    let pids = new Set<number>();
    await eventually(async () => {
      const { cgroup } = await runOf(ref);
      pids = new Set(
        (await readFile(join(cgroup?.folders.pids ?? '', 'cgroup.procs'), 'utf8')).split('\n').map(Number),
      );
      return (await hidden()).filter(({ command }) => command === 'sleep').length === 3;
    });
    await end(ref);
    expect(await hidden()).toEqual([]);
  });

  it('do not disturb the rotation of logs', async () => {
    const spec = shell('seq 1 1000; exec sleep 60', { ...limits({ pids: 50 }), logging: { maxSize: 10, maxFiles: 2 } });
    const ref = await rig.start(spec);
    await eventually(async () => (await rig.logs(ref, 1))[0]?.text === '1000');
    expect(await rig.driver.maintain?.(rig.workspace, signal)).toMatchObject([{ action: 'rotated' }]);
    expect(await rig.logs(ref)).toHaveLength(1000);
    expect((await rig.members()).some(({ stopped }) => stopped)).toBe(false);
    await end(ref);
  });
});

describe('a memory limit without a cgroup', () => {
  it('is watched over: three looks above it, and the whole tree is stopped', async () => {
    const system = { ...createLinuxSystem(), cgroups: () => undefined };
    rig = await createRig({ system });
    let now = Date.now();
    const clock = { now: () => now, sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) };
    const driver = createProcessDriver({ stateFolder: () => rig.state, environment: process.env, system, clock });
    await writeFile(
      join(rig.root, 'big.js'),
      'const all = Buffer.alloc(128e6, 1); setInterval(() => all, 1e6); console.log(1)',
    );
    const ref = await rig.start(
      shell(`setsid '${process.execPath}' big.js & exec sleep 60`, limits({ memory: 100 * mebibyte })),
    );
    await eventually(async () => (await rig.logs(ref)).length === 1);
    expect(await rig.look(ref)).toMatchObject({ phase: 'running', enforcement: 'watchdog' });
    for (const wait of [0, 2_000, 500]) {
      now += wait;
      expect(await driver.maintain?.(rig.workspace, signal)).toEqual([]);
    }
    now += 2_000;
    expect(await driver.maintain?.(rig.workspace, signal)).toMatchObject([
      { ref, action: 'stopped', message: expect.stringMatching(/^memory limit: .* of 100Mi$/) as string },
    ]);
    expect(await rig.look(ref)).toMatchObject({ phase: 'exited', exitCode: 137, detail: 'memory limit' });
    expect(await rig.members()).toEqual([]);
  });
});
