import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createMemoryDriver } from '../../src/drivers/memory/memory-driver.ts';
import { MemoryWorld } from '../../src/drivers/memory/memory-world.ts';
import type { Plan } from '../../src/model/plan.ts';
import { createRuntimeOver } from '../../src/runtime/runtime.ts';

/** A runtime over a world in memory, with one manifest that is yet to be written. */
function stage() {
  const folder = mkdtempSync(join(tmpdir(), 'history-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const world = new MemoryWorld({ images: { 'x:1': 'sha256:1', 'x:2': 'sha256:2' } });
  const runtime = createRuntimeOver({
    cwd: folder,
    environment: { AAC_STATE_DIR: join(folder, '.state'), WORD: 'a word that nobody is to read' },
    drivers: { names: ['memory'], create: async () => createMemoryDriver({ world }) },
  });
  const options = { driver: 'memory' } as const;
  const plan = async (spec: string): Promise<Plan> => {
    const text = `apiVersion: agent.dev/v1\nkind: Agent\nmetadata: { name: web }\nspec: ${spec}\n`;
    writeFileSync(join(folder, 'agent.yaml'), text);
    const planned = await runtime.plan('.', options);
    if (!planned.ok) throw new Error(JSON.stringify(planned.error));
    return planned.value;
  };
  const apply = async (made: Plan): Promise<void> => {
    const applied = await runtime.apply(made);
    expect(applied).toMatchObject({ ok: true, value: { status: 'succeeded' } });
  };
  return { runtime, folder, options, plan, apply };
}

test('a program reads what was applied, the newest first, and what there is a way back to', async () => {
  const { runtime, options, plan, apply } = stage();
  expect(await runtime.history('.', options)).toEqual([]);
  await apply(await plan("{ image: 'x:1' }"));
  await apply(structuredClone(await plan("{ image: 'x:2' }"))); // as from another process, which knows no manifests
  await runtime.restart('.', ['web'], options);
  const removal = await runtime.plan('.', { ...options, destroy: { volumes: false } });
  if (removal.ok) await apply(removal.value);

  expect(await runtime.history('.', options)).toMatchObject([
    { revision: 4, status: 'succeeded', changes: { delete: 2 }, restorable: false, unreturnable: 'removal' },
    { revision: 3, status: 'succeeded', restorable: false, unreturnable: 'operation' },
    { revision: 2, status: 'succeeded', restorable: false, unreturnable: 'saved-plan' },
    { revision: 1, status: 'succeeded', restorable: true, steps: expect.arrayContaining([expect.anything()]) as never },
  ]);
  expect(await runtime.history('.', { ...options, limit: 1 })).toHaveLength(1);
  expect(await runtime.revision('.', 1, options)).toMatchObject({ ok: true, value: { revision: 1, restorable: true } });
  expect(await runtime.revision('.', 9, options)).toMatchObject({
    ok: false,
    error: [
      { code: 'unknown-revision', message: 'there is no revision 9', hint: expect.stringContaining('4') as never },
    ],
  });
});

test('what held a sensitive value as plain text is not stored, and what is lost is said to be', async () => {
  const { runtime, folder, options, plan, apply } = stage();
  await apply(await plan("{ image: 'x:1' }"));
  await apply(
    await plan(
      "{ image: 'x:2', environment: [{ name: A, value: '${WORD}' }], command: [a word that nobody is to read] }",
    ),
  );
  const [first, second] = [...(await runtime.history('.', options))].reverse();
  expect(second).toMatchObject({ unreturnable: 'sensitive' });
  expect(first).toMatchObject({ restorable: true });
  const stored = storedIn(join(folder, '.state'));
  expect(stored).toHaveLength(1);
  for (const file of stored) {
    expect(readFileSync(file, 'utf8')).not.toContain('nobody');
    rmSync(file);
  }
  expect(await runtime.history('.', { ...options })).toMatchObject([{}, { restorable: false, unreturnable: 'lost' }]);
});

/** The files in which a state folder keeps what revisions asked for. */
function storedIn(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => /revisions\/\d+\.json$/.test(file)).map((file) => join(folder, file));
}
