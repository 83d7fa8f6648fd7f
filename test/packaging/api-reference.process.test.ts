import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';

const root = join(import.meta.dirname, '..', '..');

test('docs/api.md is what the doc comments say, and every export has one', async () => {
  const ended = await runCommand(process.execPath, ['scripts/docs.mjs', '--check'], { cwd: root });
  expect(ended.exitCode, ended.all).toBe(0);
});
