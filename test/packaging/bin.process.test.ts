import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand, type Ended } from '../support/run-command.ts';

const root = join(import.meta.dirname, '..', '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

// bin/aac alone, as in a checkout that was never built.
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aac-bin-'));
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('--version answers without the program being there', async () => {
  const result = await aac(['--version']);
  expect(result).toMatchObject({ stdout: version, stderr: '', exitCode: 0 });
});

test('without a build it says how to make one', async () => {
  const result = await aac(['plan']);
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain('not built');
  expect(result.stderr).toContain('npm ci');
});

test('an old Node is refused in words', async () => {
  const pretend = join(folder, 'old.cjs');
  writeFileSync(
    pretend,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.3' } });`,
  );
  const result = await aac(['--version'], ['--require', pretend]);
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain('needs Node 20.19');
});

test('the arguments reach the program, and its answer is the exit code', async () => {
  mkdirSync(join(folder, 'dist'));
  writeFileSync(
    join(folder, 'dist', 'cli.js'),
    `export const main = async (argv) => { console.log(JSON.stringify(argv)); return 2; };`,
  );
  const result = await aac(['plan', '--detailed-exitcode', 'a b']);
  expect(result).toMatchObject({ exitCode: 2, stdout: '["plan","--detailed-exitcode","a b"]' });
});

test('what the program throws is not swallowed', async () => {
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist', 'cli.js'), `export const main = async () => { throw new Error('a bug'); };`);
  const result = await aac(['plan']);
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain('a bug');
});

function aac(parameters: readonly string[], nodeOptions: readonly string[] = []): Promise<Ended> {
  return runCommand(process.execPath, [...nodeOptions, join(folder, 'bin', 'aac'), ...parameters]);
}
