import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  acquireLock,
  livingHolder,
  lockedDiagnostic,
  type LockHolder,
  type WorkspaceLock,
} from '../../src/apply/lock.ts';
import { systemClock } from '../../src/util/clock.ts';

describe('the lock of a workspace', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aac-lock-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const options = { command: 'aac apply .', clock: systemClock };
  const file = () => join(folder, 'lock.json');

  async function take(): Promise<WorkspaceLock> {
    const taken = await acquireLock(folder, options);
    if (!taken.ok) throw new Error('it is held');
    return taken.value;
  }

  async function holder(): Promise<LockHolder> {
    return JSON.parse(await readFile(file(), 'utf8')) as LockHolder;
  }

  /** Leaves the lock as another process would that holds it, and is not this one. */
  async function heldBy(change: (own: LockHolder) => LockHolder): Promise<LockHolder> {
    await using _lock = await take();
    const other = { ...change(await holder()), token: 'other' };
    await writeFile(file(), JSON.stringify(other));
    return other;
  }

  it('is had by one at a time, and by the next once it is given back', async () => {
    {
      await using lock = await take();
      const second = await acquireLock(folder, options);
      expect(second).toEqual({ ok: false, error: lock.holder });
    }
    await using _again = await take();
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  it('leaves nothing behind', async () => {
    await (await take())[Symbol.asyncDispose]();
    expect(await readdir(folder)).toEqual([]);
  });

  it('goes to exactly one of many that want it', async () => {
    const taken = await Promise.all(Array.from({ length: 10 }, () => acquireLock(folder, options)));
    expect(taken.filter((result) => result.ok)).toHaveLength(1);
    for (const result of taken) if (result.ok) await result.value[Symbol.asyncDispose]();
  });

  it.each<readonly [string, (own: LockHolder) => LockHolder]>([
    ['whose process is gone', (own) => ({ ...own, process: { ...own.process, pid: 2 ** 22 + 1 } })],
    ['whose id another process has now', (own) => ({ ...own, process: { ...own.process, startTime: '1' } })],
    ['of before the last boot', (own) => ({ ...own, process: { ...own.process, bootId: 'earlier' } })],
  ])('is taken over at once from a holder %s', async (_, change) => {
    await heldBy(change);
    await using lock = await take();
    expect(await holder()).toEqual(lock.holder);
  });

  it('is taken over by exactly one of many', async () => {
    await heldBy((own) => ({ ...own, process: { ...own.process, startTime: '1' } }));
    const taken = await Promise.all(Array.from({ length: 10 }, () => acquireLock(folder, options)));
    expect(taken.filter((result) => result.ok)).toHaveLength(1);
  });

  it.each<readonly [string, (own: LockHolder) => LockHolder]>([
    ['on another host', (own) => ({ ...own, host: 'elsewhere', process: { pid: 1 } })],
    [
      'in another container',
      (own) => ({ ...own, process: { ...own.process, pid: 2 ** 22 + 1, namespace: 'pid:[1]' } }),
    ],
  ])('is left with a holder %s, who cannot be proven dead', async (_, change) => {
    const other = await heldBy(change);
    expect(await acquireLock(folder, options)).toEqual({ ok: false, error: other });
  });

  it('is not given back by one who has lost it', async () => {
    const lock = await take();
    await writeFile(file(), JSON.stringify({ ...lock.holder, token: 'other' }));
    await lock[Symbol.asyncDispose]();
    expect((await holder()).token).toBe('other');
  });

  it('is had after a wait for the holder to finish', async () => {
    const first = await take();
    const second = acquireLock(folder, {
      ...options,
      wait: 60_000,
      clock: { ...systemClock, sleep: async () => first[Symbol.asyncDispose]() },
    });
    expect(await second).toMatchObject({ ok: true });
  });

  it('is told of by who has it, since when and what for', async () => {
    await using lock = await take();
    const diagnostic = lockedDiagnostic('shop', folder, lock.holder);
    expect(diagnostic).toMatchObject({ code: 'locked', severity: 'error' });
    expect(diagnostic.message).toBe(
      `workspace \`shop\` is in use: \`aac apply .\` by ${lock.holder.user} since ${lock.holder.since} ` +
        `(process ${String(process.pid)})`,
    );
    const elsewhere = lockedDiagnostic('shop', folder, { ...lock.holder, host: 'elsewhere' });
    expect(elsewhere.message).toContain('on elsewhere');
    expect(elsewhere.hint).toContain(file());
  });

  it('of a watch keeps only another watch out, names its holder, and is free once its holder is dead', async () => {
    const watch = { ...options, command: 'aac watch .', purpose: 'watch' } as const;
    expect(await livingHolder(folder, 'watch')).toBeUndefined();
    const first = await acquireLock(folder, watch);
    expect(first.ok).toBe(true);
    expect(await acquireLock(folder, watch)).toMatchObject({ ok: false, error: { command: 'aac watch .' } });
    {
      await using _lock = await take();
    }
    const held = await livingHolder(folder, 'watch');
    expect(held).toMatchObject({ command: 'aac watch .', process: { pid: process.pid } });
    const dead = { ...held, process: { ...held?.process, startTime: '1' } };
    await writeFile(join(folder, 'watch.json'), JSON.stringify(dead));
    expect(await livingHolder(folder, 'watch')).toBeUndefined();
    const next = await acquireLock(folder, watch);
    expect(next.ok).toBe(true);
    if (next.ok) await next.value[Symbol.asyncDispose]();
  });
});
