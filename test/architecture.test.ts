import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/** The floors of the house, lowest first: a module imports from lower floors and from its own folder. */
const floors: readonly (readonly string[])[] = [
  ['util'],
  ['model'],
  ['manifest', 'plan', 'drivers', 'edge'],
  ['apply', 'report'],
  ['runtime'],
  ['watch'],
  ['cli'],
  ['index.ts'],
];

/** Folders that only decide: nothing in them waits or reaches for the world. */
const pureFolders = ['plan', 'report'];
const pureNodeModules = ['node:crypto', 'node:path', 'node:util'];

/** The folders that may construct drivers; all others see the port, as types. */
const driverOwners = ['drivers', 'cli', 'index.ts'];
const driverPort = 'drivers/driver.ts';

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

interface Module {
  /** Relative to `src`, with forward slashes. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** What it says that waits: `async`, `await`, `Promise`. */
  readonly waits: ReadonlySet<string>;
}

describe('the modules of src', () => {
  const root = fileURLToPath(new URL('../src', import.meta.url));
  const modules = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => readModule(relative(root, file).split(sep).join('/'), readFileSync(file, 'utf8')));

  it('are found', () => {
    expect(modules.map((module) => module.path)).toContain('model/plan.ts');
  });

  it('keep to the floors', () => {
    expect(modules.flatMap(floorBreaches)).toEqual([]);
  });

  it('are in no circle', () => {
    expect(cycles(modules)).toEqual([]);
  });

  it('of pure folders neither wait nor reach for the world', () => {
    expect(modules.flatMap(purityBreaches)).toEqual([]);
  });

  it('see drivers only through the port, unless they construct them', () => {
    expect(modules.flatMap(driverBreaches)).toEqual([]);
  });
});

describe('the check of the architecture', () => {
  const floorsOf = (path: string, text: string) => floorBreaches(readModule(path, text));

  it('finds an import from a higher floor, whatever its form', () => {
    for (const text of [
      `import { apply } from '../apply/apply.ts';`,
      `import type { Apply } from '../apply/apply.ts';`,
      `import { type Apply } from '../apply/apply.ts';`,
      `import '../apply/apply.ts';`,
      `export * from '../apply/apply.ts';`,
      `type Apply = import('../apply/apply.ts').Apply;`,
      `const loaded = import('../apply/apply.ts');`,
    ]) {
      expect(floorsOf('plan/plan.ts', text), text).toEqual(['plan/plan.ts imports apply/apply.ts from above']);
    }
    expect(floorsOf('apply/apply.ts', `import { plan } from '../plan/plan.ts';`)).toEqual([]);
  });

  it('finds an import across a floor', () => {
    expect(floorsOf('plan/plan.ts', `import '../drivers/driver.ts';`)).toEqual([
      'plan/plan.ts imports drivers/driver.ts across the floor',
    ]);
  });

  it('finds a driver that imports another, and a port that imports a driver', () => {
    expect(floorsOf('drivers/docker/docker-driver.ts', `import '../process/latch.ts';`)).toEqual([
      'drivers/docker/docker-driver.ts imports drivers/process/latch.ts of another driver',
    ]);
    expect(floorsOf('drivers/driver.ts', `import './docker/engine.ts';`)).toEqual([
      'drivers/driver.ts imports drivers/docker/engine.ts of another driver',
    ]);
    expect(floorsOf('drivers/docker/observe.ts', `import '../driver.ts'; import './engine.ts';`)).toEqual([]);
  });

  it('finds a folder that has no floor', () => {
    expect(floorsOf('shared/misc.ts', '')).toEqual(['shared/misc.ts is on no floor']);
  });

  it('finds a circle', () => {
    const circle = [
      readModule('util/a.ts', `import './b.ts';`),
      readModule('util/b.ts', `import type { C } from './c.ts';`),
      readModule('util/c.ts', `import './a.ts'; import './d.ts';`),
      readModule('util/d.ts', ''),
    ];
    expect(cycles(circle)).toEqual(['util/a.ts → util/b.ts → util/c.ts → util/a.ts']);
  });

  it('finds what waits or reaches for the world in a pure folder', () => {
    const text = `import { readFile } from 'node:fs/promises'; export async function read() { await readFile('x'); }`;
    expect(purityBreaches(readModule('plan/read.ts', text))).toEqual([
      'plan/read.ts imports node:fs/promises',
      'plan/read.ts says async',
      'plan/read.ts says await',
    ]);
    expect(purityBreaches(readModule('report/x.ts', 'type X = Promise<void>;'))).toEqual(['report/x.ts says Promise']);
    expect(purityBreaches(readModule('apply/x.ts', text))).toEqual([]);
    expect(
      purityBreaches(readModule('plan/x.ts', `// no async, no Promise\nimport { join } from 'node:path';`)),
    ).toEqual([]);
  });

  it('finds a driver that is imported where none may be constructed', () => {
    const text = `import { createDockerDriver } from '../drivers/docker/docker-driver.ts';`;
    expect(driverBreaches(readModule('runtime/plan.ts', text))).toEqual([
      'runtime/plan.ts imports drivers/docker/docker-driver.ts',
    ]);
    expect(driverBreaches(readModule('cli/main.ts', text))).toEqual([]);
    expect(driverBreaches(readModule('apply/x.ts', `import { Driver } from '../drivers/driver.ts';`))).toHaveLength(1);
    expect(driverBreaches(readModule('apply/x.ts', `import type { Driver } from '../drivers/driver.ts';`))).toEqual([]);
  });
});

function floorBreaches(module: Module): readonly string[] {
  const own = floorOf(module.path);
  if (own < 0) return [`${module.path} is on no floor`];
  return ownImports(module).flatMap(({ path }) => {
    const other = floorOf(path);
    if (other > own) return [`${module.path} imports ${path} from above`];
    if (other === own && folderOf(path) !== folderOf(module.path))
      return [`${module.path} imports ${path} across the floor`];
    const driver = driverOf(path);
    if (folderOf(module.path) === 'drivers' && driver !== undefined && driver !== driverOf(module.path)) {
      return [`${module.path} imports ${path} of another driver`];
    }
    return [];
  });
}

function purityBreaches(module: Module): readonly string[] {
  if (!pureFolders.includes(folderOf(module.path))) return [];
  const reaching = module.imports
    .map(({ specifier }) => specifier)
    .filter((specifier) => specifier.startsWith('node:') && !pureNodeModules.includes(specifier));
  return [
    ...reaching.map((specifier) => `${module.path} imports ${specifier}`),
    ...[...module.waits].sort().map((word) => `${module.path} says ${word}`),
  ].sort();
}

function driverBreaches(module: Module): readonly string[] {
  if (driverOwners.includes(folderOf(module.path))) return [];
  return ownImports(module)
    .filter(({ path, typeOnly }) => folderOf(path) === 'drivers' && !(path === driverPort && typeOnly))
    .map(({ path }) => `${module.path} imports ${path}`);
}

/** Each circle once, as the way around it from its first module by name. */
function cycles(modules: readonly Module[]): readonly string[] {
  const imports = new Map(modules.map((module) => [module.path, ownImports(module).map(({ path }) => path)]));
  const found = new Set<string>();
  const finished = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path);
    if (start >= 0) {
      const circle = way.slice(start);
      const first = circle.indexOf([...circle].sort()[0] ?? path);
      const turned = [...circle.slice(first), ...circle.slice(0, first)];
      found.add([...turned, turned[0]].join(' → '));
      return;
    }
    if (finished.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...way, path]);
    finished.add(path);
  };
  for (const { path } of modules) visit(path, []);
  return [...found].sort();
}

function ownImports(module: Module): readonly { readonly path: string; readonly typeOnly: boolean }[] {
  return module.imports
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier, typeOnly }) => ({ path: posix.join(dirname(module.path), specifier), typeOnly }));
}

function floorOf(path: string): number {
  return floors.findIndex((folders) => folders.includes(folderOf(path)));
}

/** `drivers/docker/observe.ts` is in `drivers`; a file right in `src` is a folder of its own. */
function folderOf(path: string): string {
  return path.split('/')[0] ?? path;
}

function driverOf(path: string): string | undefined {
  const [folder, driver, ...rest] = path.split('/');
  return folder === 'drivers' && rest.length > 0 ? driver : undefined;
}

function readModule(path: string, text: string): Module {
  const imports: Import[] = [];
  const waits = new Set<string>();
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) imports.push({ specifier, typeOnly: isTypeOnly(node) });
    if (node.kind === ts.SyntaxKind.AsyncKeyword) waits.add('async');
    if (node.kind === ts.SyntaxKind.AwaitKeyword || ts.isAwaitExpression(node)) waits.add('await');
    if (ts.isIdentifier(node) && node.text === 'Promise') waits.add('Promise');
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return { path, imports, waits };
}

function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return textOf(node.argument.literal);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return textOf(node.arguments[0]);
  return undefined;
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  return ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}
