import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createProcessDriver } from '../../src/drivers/process/process-driver.ts';
import { StreamError } from '../../src/runtime/stream-error.ts';
import { createRuntimeOver } from '../../src/runtime/runtime.ts';

const folder = mkdtempSync(join(tmpdir(), 'aac-run-'));
const environment = { PATH: process.env.PATH, AAC_STATE_DIR: join(folder, 'state') };
const runtime = createRuntimeOver({
  cwd: folder,
  environment,
  drivers: {
    names: ['process'],
    create: async () => createProcessDriver({ environment, stateFolder: () => join(folder, 'state') }),
  },
});
const signal = new AbortController().signal;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a program runs an agent, reads its output, runs a command beside it and ends it', async () => {
  const printed: string[] = [];
  const output = (_stream: string, chunk: Uint8Array): void => void printed.push(Buffer.from(chunk).toString());
  const started = await runtime.run('.', {
    name: 'web',
    driver: 'process',
    command: ['sh', '-c', 'trap "echo bye; exit 3" TERM; echo "$OWN"; while :; do sleep 0.05; done'],
    env: ['OWN=own'],
    connection: { output, signal },
  });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  await using agent = started.value;
  expect(agent.agent).toMatchObject({ address: 'run/web', phase: 'running' });
  await expect.poll(() => printed.join(''), { timeout: 20_000 }).toBe('own\n');

  const said: string[] = [];
  const command = ['sh', '-c', 'echo "$OWN"; exit 4'];
  const ended = await runtime.exec('.', 'web', {
    command,
    output: (_, chunk) => void said.push(Buffer.from(chunk).toString()),
    signal,
  });
  expect(ended).toEqual({ ok: true, value: { exitCode: 4, stdout: '', stderr: '' } });
  expect(said.join('')).toBe('own\n');
  expect(await runtime.exec('.', 'web', { command: ['sh', '-c', 'echo one; echo two >&2'] })).toEqual({
    ok: true,
    value: { exitCode: 0, stdout: 'one\n', stderr: 'two\n' },
  });
  expect(await runtime.exec('.', 'wob', { command })).toMatchObject({ ok: false, error: { code: 'not-found' } });
  await expect(agent.ended({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');

  expect(await agent.kill('SIGTERM')).toEqual({ ok: true, value: undefined });
  expect(await agent.ended()).toEqual({ type: 'exited', exitCode: 3 });
  expect(printed.join('')).toContain('bye\n');

  expect(await runtime.remove('.', ['web'])).toMatchObject({ ok: true, value: { status: 'succeeded' } });
  expect(await runtime.list('.')).toEqual({ agents: [], diagnostics: [] });
});

test('the streams of an agent that there is not throw what is wrong', async () => {
  for (const stream of [runtime.logs('.', ['wob']), runtime.stats('.', ['wob'])]) {
    const thrown = await stream[Symbol.asyncIterator]()
      .next()
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(StreamError);
    expect((thrown as StreamError).diagnostics).toMatchObject([{ code: 'unknown-agent' }]);
  }
});

test('a request that is wrong is refused with what is wrong', async () => {
  const refused = await runtime.run('.', { driver: 'process', command: ['true'], publish: ['99999:80'] });
  expect(refused.ok).toBe(false);
  if (!refused.ok) expect(refused.error.diagnostics).toMatchObject([{ code: 'invalid-value' }]);
});
