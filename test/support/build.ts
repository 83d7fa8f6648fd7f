import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lock } from 'proper-lockfile';

const root = join(import.meta.dirname, '..', '..');

/** Global set-up: `dist/` holds what the sources say. Several runs at once build once; the others wait for it. */
export default async function setup(): Promise<void> {
  const release = await lock(root, {
    lockfilePath: join(root, 'node_modules', '.aac-build.lock'),
    stale: 60_000,
    retries: { retries: 600, factor: 1, minTimeout: 100 },
  });
  try {
    if (isStale()) await promisify(execFile)(process.execPath, ['scripts/build.mjs'], { cwd: root });
  } finally {
    await release();
  }
}

/** Whether a source is newer than an entry of the build, or there is no build. */
function isStale(): boolean {
  const built = ['dist/cli.js', 'dist/edge.js', 'dist/index.js'].map((entry) => modified(join(root, entry)));
  const sources = ['src', 'package.json', 'package-lock.json', 'scripts/build.mjs', 'scripts/bundle.mjs'];
  return Math.max(...sources.map((source) => lastModified(join(root, source)))) > Math.min(...built);
}

/** When a file, or anything under a folder, last changed; a folder changes when a file is removed from it. */
function lastModified(path: string): number {
  const below = statSync(path).isDirectory() ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : [];
  return Math.max(modified(path), ...below.map((entry) => modified(join(path, entry))));
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
