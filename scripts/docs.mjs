#!/usr/bin/env node
// Writes docs/api.md, the reference of what the package exports, from the doc comments in src/. With --check it writes
// nothing and fails when the page is not what they say, or an export has no comment or speaks of a type that is none.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Application } from 'typedoc';

const root = dirname(import.meta.dirname);
const page = join(root, 'docs', 'api.md');
const { values: options } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const folder = mkdtempSync(join(tmpdir(), 'aac-docs-'));
/** Members that have a comment where they are declared, which `Omit` and `Partial` lose. */
const withCommentElsewhere = ['Driver', 'MemoryDriver']
  .flatMap((driver) => [`${driver}.events`, `${driver}.maintain`, `${driver}.remembered`, `${driver}.askEdge`])
  .concat('ExecRequest.ready');

try {
  const text = await generate(folder);
  if (!options.check) writeFileSync(page, text);
  else if (read(page) !== text) fail('docs/api.md is stale\nhint: `npm run docs` writes it');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function generate(out) {
  const app = await Application.bootstrapWithPlugins(
    {
      plugin: ['typedoc-plugin-markdown'],
      entryPoints: [join(root, 'src', 'index.ts')],
      tsconfig: join(root, 'tsconfig.json'),
      outputs: [{ name: 'markdown', path: out }],
      name: 'API of @agents-as-code/aac',
      readme: 'none',
      skipErrorChecking: true, // `npm run check` does it
      disableSources: true, // lines that move would make the page stale
      outputFileStrategy: 'modules',
      entryFileName: 'api',
      hideBreadcrumbs: true,
      hidePageHeader: true,
      parametersFormat: 'table',
      interfacePropertiesFormat: 'table',
      classPropertiesFormat: 'table',
      typeDeclarationFormat: 'table',
      enumMembersFormat: 'table',
      groupOrder: ['Functions', 'Interfaces', 'Type Aliases', '*'],
      sort: ['alphabetical-ignoring-documents'],
      intentionallyNotExported: ['Clock', 'Gate', 'System'], // for aac's own tests
      intentionallyNotDocumented: withCommentElsewhere,
      validation: { invalidLink: true, notDocumented: true, notExported: true },
      requiredToBeDocumented: ['Class', 'Interface', 'TypeAlias', 'Variable', 'Function', 'Method'],
      treatValidationWarningsAsErrors: true,
      logLevel: 'Warn',
    },
    [],
  );
  const project = await app.convert();
  if (!project) fail('the sources cannot be read');
  app.validate(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) fail('what is exported is not documented whole');
  await app.generateOutputs(project);
  return read(join(out, 'api.md')).trimEnd() + '\n';
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function fail(message) {
  process.exitCode = 1;
  rmSync(folder, { recursive: true, force: true });
  console.error(`error: ${message}`);
  process.exit();
}
