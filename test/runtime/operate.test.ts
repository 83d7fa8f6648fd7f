import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createMemoryDriver } from '../../src/drivers/memory/memory-driver.ts';
import { MemoryWorld } from '../../src/drivers/memory/memory-world.ts';
import { createRuntimeOver } from '../../src/runtime/runtime.ts';

/** A runtime over a world in memory, with a project of `db` and `web`, which depends on it, applied. */
async function stage() {
  const folder = mkdtempSync(join(tmpdir(), 'operate-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const agent = (name: string, spec: string): string =>
    `apiVersion: agent.dev/v1\nkind: Agent\nmetadata: { name: ${name} }\nspec: { image: 'x:1'${spec} }\n`;
  writeFileSync(join(folder, 'db.agent.yaml'), agent('db', ''));
  writeFileSync(join(folder, 'web.agent.yaml'), agent('web', ', dependsOn: [db]'));
  const world = new MemoryWorld({ images: { 'x:1': 'sha256:1' } });
  const runtime = createRuntimeOver({
    cwd: folder,
    environment: { AAC_STATE_DIR: join(folder, '.state') },
    drivers: {
      names: ['memory'],
      create: async () => createMemoryDriver({ world }),
    },
  });
  const options = { driver: 'memory' } as const;
  const planned = await runtime.plan('.', options);
  if (!planned.ok) throw new Error(JSON.stringify(planned.error));
  expect(await runtime.apply(planned.value)).toMatchObject({ ok: true, value: { status: 'succeeded' } });
  const phases = async () =>
    (await runtime.list('.', [], options)).agents.map(({ address, phase }) => `${address} ${phase}`);
  return { runtime, world, options, phases };
}

test('a program stops, starts and restarts agents by name', async () => {
  const { runtime, options, phases } = await stage();
  const seen: string[] = [];
  const stopped = await runtime.stop('.', ['web'], { ...options, onEvent: ({ type }) => seen.push(type) });
  expect(stopped).toMatchObject({ ok: true, value: { status: 'succeeded' } });
  expect(seen).toContain('node-finished');
  expect(await phases()).toEqual(['agent/db/0 running', 'agent/web/0 exited']);
  expect(await runtime.restart('.', 'all', options)).toMatchObject({ ok: true, value: { status: 'succeeded' } });
  expect(await phases()).toEqual(['agent/db/0 running', 'agent/web/0 running']);
  expect(await runtime.stop('.', ['wab'], options)).toMatchObject({ ok: false, error: [{ code: 'unknown-agent' }] });
});
