import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { parseAst } from 'rolldown/parseAst';
import { expect, test } from 'vitest';

const dist = join(import.meta.dirname, '..', '..', 'dist');
const loadedWhenNeeded = ['dockerode', 'zod', 'yaml', 'pino', 'chokidar', 'cron', 'log-update', 'cli-table3'];

test('the command loads at start no library that only some of its commands need', () => {
  const packages = [...reach('cli.js', 'at start')].flatMap(packagesIn);
  expect(packages).toContain('commander');
  expect(packages.filter((name) => loadedWhenNeeded.includes(name))).toEqual([]);
});

test('a program that imports the package does not load an engine client with it', () => {
  expect([...reach('index.js', 'at start')].flatMap(packagesIn)).not.toContain('dockerode');
});

test.each(['cli.js', 'index.js'])('%s has every npm package that it may ever load in the bundle', (entry) => {
  const files = [...reach(entry, 'ever')];
  expect(files.flatMap(packagesIn)).toEqual(expect.arrayContaining(['dockerode', 'zod', 'yaml']));
  const imports = files.flatMap((file) => importsOf(file).map(({ specifier }) => specifier));
  expect(imports.filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))).toEqual([]);
});

/** The files that importing `entry` evaluates at start, or may evaluate ever. */
function reach(entry: string, when: 'at start' | 'ever'): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { specifier, atStart } of importsOf(file)) {
      if (specifier.startsWith('.') && (atStart || when === 'ever')) visit(join(dirname(file), specifier));
    }
  };
  visit(entry);
  return reached;
}

/** The npm packages whose modules a chunk holds; the bundler marks where each begins. */
function packagesIn(file: string): readonly string[] {
  const regions = read(file).matchAll(/^\/\/(?:#region)? .*node_modules\/((?:@[^/\n]+\/)?[^/\n]+)/gm);
  return [...new Set([...regions].map(([, name]) => name!))];
}

interface Import {
  readonly specifier: string;
  readonly atStart: boolean;
}

/** What a file imports, or requires through the bundler's `__require`. */
function importsOf(file: string): readonly Import[] {
  const found: Import[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    const {
      type,
      source,
      callee,
      arguments: parameters,
    } = node as Record<string, SyntaxNode | undefined> & {
      readonly type?: string;
      readonly arguments?: readonly SyntaxNode[];
    };
    if (/^(Import|ExportNamed|ExportAll)Declaration$/.test(type ?? '')) add(source, true);
    if (type === 'ImportExpression') add(source, false);
    if (type === 'CallExpression' && callee?.name === '__require') add(parameters?.[0], true);
    Object.values(node).forEach(visit);
  };
  const add = (literal: SyntaxNode | undefined, atStart: boolean): void => {
    if (typeof literal?.value === 'string') found.push({ specifier: literal.value, atStart });
  };
  visit(parseAst(read(file)));
  return found;
}

interface SyntaxNode {
  readonly name?: string;
  readonly value?: unknown;
}

function read(file: string): string {
  return readFileSync(join(dist, file), 'utf8');
}
