#!/usr/bin/env node
// Bundles aac into dist/: `cli.js` for bin/aac, `index.js` for programs, the chunks they load when they need them, and
// `edge.js`, the program of the edge.
// With --types also dist/types/, the declarations that are published beside index.js.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.mjs';

const root = dirname(import.meta.dirname);
const dist = join(root, 'dist');
const { values: options } = parseArgs({ options: { types: { type: 'boolean', default: false } } });

replaceChunks([
  ...(await bundle({ root, input: { cli: 'src/cli/main.ts', index: 'src/index.ts' } })),
  ...(await bundle({ root, input: { edge: 'src/edge/main.ts' } })), // alone, as it is sent elsewhere as one file
]);
if (options.types) writeTypes();

/**
 * Puts the new files in place one by one, chunks before the entries that name them. Chunks of earlier builds are left
 * for an hour, as an aac that runs may have them still to load; what is published holds none of them.
 */
function replaceChunks(chunks) {
  mkdirSync(join(dist, 'chunks'), { recursive: true });
  const entriesLast = [...chunks].sort((left, right) => Number(left.isEntry) - Number(right.isEntry));
  for (const { fileName, code } of entriesLast) {
    const file = join(dist, fileName);
    const fresh = `${file}.${String(process.pid)}`;
    writeFileSync(fresh, code);
    renameSync(fresh, file);
  }
  const current = new Set(chunks.map(({ fileName }) => join(dist, fileName)));
  const keptSince = options.types ? Infinity : Date.now() - 3_600_000;
  for (const chunk of readdirSync(join(dist, 'chunks')).map((name) => join(dist, 'chunks', name))) {
    if (!current.has(chunk) && statSync(chunk).mtimeMs < keptSince) rmSync(chunk);
  }
}

function writeTypes() {
  const types = join(dist, 'types');
  rmSync(types, { recursive: true, force: true });
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const project = join(dist, 'tsconfig.types.json');
  writeFileSync(
    project,
    JSON.stringify({
      extends: '../tsconfig.json',
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        rootDir: '../src',
        outDir: 'types',
      },
      include: [],
      files: ['../src/index.ts'],
    }),
  );
  try {
    execFileSync(process.execPath, [tsc, '--project', project], { stdio: 'inherit' });
  } finally {
    rmSync(project, { force: true });
  }
}
