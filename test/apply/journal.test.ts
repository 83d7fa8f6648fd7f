import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyFinished, type JournalEvent } from '../../src/apply/journal-entry.ts';
import { journalFile, openJournal, readJournal } from '../../src/apply/journal.ts';
import { createMemoryDriver } from '../../src/drivers/memory/memory-driver.ts';
import { MemoryWorld } from '../../src/drivers/memory/memory-world.ts';
import { fieldPath } from '../../src/model/field-path.ts';
import { callOn } from '../contract/calls.ts';
import { applyNodes, bringUp, createAgent, image, nodeOf, root } from './plans.ts';

describe('a journal', () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'aac-journal-')), 'state', 'shop');
  });
  afterEach(async () => {
    await rm(join(folder, '..', '..'), { recursive: true });
  });

  const event: JournalEvent = { type: 'apply-finished', at: '2026-01-01T00:00:00.000Z', status: 'succeeded' };

  it('that was never written is empty', async () => {
    expect(await readJournal(folder)).toEqual([]);
  });

  it('keeps its entries in order, over several openings, for its owner alone', async () => {
    for (const status of ['succeeded', 'failed', 'interrupted'] as const) {
      await using journal = await openJournal(folder);
      journal.append({ ...event, status });
    }
    expect((await readJournal(folder)).map((entry) => entry.type === 'apply-finished' && entry.status)).toEqual([
      'succeeded',
      'failed',
      'interrupted',
    ]);
    expect((await stat(journalFile(folder))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('loses nothing but the line that a crash has torn', async () => {
    await (await openJournal(folder))[Symbol.asyncDispose]();
    await writeFile(journalFile(folder), `${JSON.stringify({ ...event, apply: 'x' })}\n{"type":"apply-fin`);
    expect(await readJournal(folder)).toHaveLength(1);
    {
      await using journal = await openJournal(folder);
      journal.append(event);
    }
    expect(await readJournal(folder)).toHaveLength(2);
  });

  it('leaves out entries of a kind it does not know', async () => {
    await (await openJournal(folder))[Symbol.asyncDispose]();
    await appendFile(journalFile(folder), '{"type":"quarantined"}\nnull\n17\n');
    expect(await readJournal(folder)).toEqual([]);
  });

  it('tells what could not be written', async () => {
    const journal = await openJournal(folder);
    await journal[Symbol.asyncDispose]();
    journal.append(event);
    expect(await journal.flush()).toMatchObject({ ok: false });
  });

  it('tells what an apply has done, to which object, and by whom', async () => {
    const driver = createMemoryDriver({ world: new MemoryWorld({ images: { [image]: '1' } }) });
    const create = createAgent('a', { environment: { TOKEN: { from: 'env', key: 'TOKEN' } } });
    const nodes = bringUp(create);
    const fields = { [fieldPath('resources', 'limits', 'memory')]: 5 };
    const update = nodeOf(callOn(create, { verb: 'update', fields }), [nodes[2]]);
    {
      await using journal = await openJournal(folder);
      await applyNodes([...nodes, update], driver, {
        journal,
        command: 'aac apply .',
        values: { read: async () => 'sentinel-0b8e' },
      });
    }
    const { ref } = driver.world.find('agent', create.target.name)!;
    const object = {
      address: 'agent/a/0',
      driver: 'memory',
      kind: 'agent',
      name: create.target.name,
      ref,
      generation: 1,
    };
    const entries = await readJournal(folder);
    expect(entries).toMatchObject([
      {
        type: 'apply-started',
        digest: 'digest',
        directory: root,
        command: 'aac apply .',
        drivers: ['memory'],
        pid: process.pid,
      },
      { type: 'node-finished', verb: 'create', status: 'succeeded', ...object },
      { type: 'node-finished', verb: 'start', status: 'succeeded', ...object },
      { type: 'node-finished', verb: 'wait', status: 'succeeded', ...object },
      { type: 'node-finished', verb: 'update', status: 'succeeded', fields, ...object },
      { type: 'apply-finished', status: 'succeeded' },
    ]);
    expect(new Set(entries.map((entry) => entry.apply)).size).toBe(1);
    expect(await readFile(journalFile(folder), 'utf8')).not.toContain('sentinel-0b8e');
  });

  it('has the end of an apply at the time it ended', () => {
    const report = { status: 'failed', startedAt: 1_000, elapsed: 500, nodes: [] } as const;
    expect(applyFinished({ ...report, plan: undefined as never })).toEqual({
      type: 'apply-finished',
      at: '1970-01-01T00:00:01.500Z',
      status: 'failed',
    });
  });
});
