import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand, type Ended } from '../support/run-command.ts';

const root = join(import.meta.dirname, '..', '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

// The package as a user gets it: packed, then installed globally under a prefix of its own.
let folder: string;
let files: readonly string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aac-pack-'));
  const packed = await execa('npm', ['pack', '--json', '--silent', '--pack-destination', folder], { cwd: root });
  const [tarball] = JSON.parse(packed.stdout) as readonly { filename: string; files: readonly { path: string }[] }[];
  files = tarball!.files.map((file) => file.path);
  const options = ['--global', '--prefix', folder, '--ignore-scripts', '--omit=optional', '--prefer-offline'];
  await execa('npm', ['install', ...options, join(folder, tarball!.filename)], { cwd: folder });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the tarball holds the program and its declarations, and no sources or tests', () => {
  expect(files).toEqual(
    expect.arrayContaining([
      'package.json',
      'README.md',
      'bin/aac',
      'bin/package.json',
      'dist/cli.js',
      'dist/index.js',
      'dist/types/index.d.ts',
    ]),
  );
  expect(files.filter((file) => /^(src|test|fixtures|scripts|manifests|node_modules)\//.test(file))).toEqual([]);
});

test('the installed command says its version', async () => {
  expect(await aac('--version')).toMatchObject({ stdout: version, exitCode: 0 });
});

test('the installed command validates an example project', async () => {
  expect(await aac('validate', join(root, 'manifests', 'quickstart'))).toMatchObject({ exitCode: 0 });
});

test('the installed command says where a manifest is wrong', async () => {
  const manifest = join(folder, 'agent.yaml');
  writeFileSync(manifest, 'apiVersion: agent.dev/v1\nkind: Agent\nmetadata: { name: web }\nspec: { imagee: x }\n');
  const result = await aac('validate', manifest);
  expect(result.exitCode).toBe(1);
  expect(result.all).toContain('agent.yaml:4:9');
});

test('a program can import the package, with types', async () => {
  const program = join(folder, 'program.mts');
  writeFileSync(program, `import * as aac from '@agents-as-code/aac';\nconsole.log(Object.keys(aac).length > 0);\n`);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2023',
        lib: ['es2023', 'esnext.disposable'],
        strict: true,
        typeRoots: [join(root, 'node_modules', '@types')],
        types: ['node'],
        paths: { '@agents-as-code/aac': [join(installed(), 'dist', 'types', 'index.d.ts')] },
      },
      files: ['program.mts'],
    }),
  );
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await execa(process.execPath, [tsc, '--project', folder]);
  const imported = await execa(process.execPath, [
    '--input-type=module',
    '--eval',
    `import * as aac from ${JSON.stringify(join(installed(), 'dist', 'index.js'))}; console.log(Object.keys(aac).length > 0);`,
  ]);
  expect(imported.stdout).toBe('true');
});

function installed(): string {
  return join(folder, 'lib', 'node_modules', '@agents-as-code', 'aac');
}

function aac(...parameters: readonly string[]): Promise<Ended> {
  return runCommand(join(folder, 'bin', 'aac'), parameters, { cwd: folder });
}
