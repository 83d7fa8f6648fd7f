import { isUtf8 } from 'node:buffer';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { compareCodeUnits } from '../../util/compare.ts';
import { unreadable } from '../load.ts';
import { didYouMean } from '../nearest-word.ts';
import type { Keys, LookUp, Source } from './look-up.ts';

/** A folder for each name and in it a file for each key, as a secret looks where it is mounted. */
export function filesSource(root: string, path: string): Source {
  const folder = resolve(root, path);
  const shown = (...parts: readonly string[]): string => join(path, ...parts);

  async function list(name: string): Promise<Keys> {
    if (!isPathSegment(name)) return { status: 'failed', message: `\`${name}\` cannot be the name of a folder` };
    try {
      const entries = await readdir(join(folder, name), { withFileTypes: true });
      // where an orchestrator mounts a secret, `..data` and the like are links of its own
      const files = entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith('..'));
      return { status: 'found', keys: files.map((entry) => entry.name).sort(compareCodeUnits) };
    } catch (error) {
      if (isAbsent(error)) return { status: 'absent', where: `\`${shown(name)}\`` };
      return { status: 'failed', message: unreadable(shown(name), error).message };
    }
  }

  return {
    list,
    read: async (name, key, signal): Promise<LookUp> => {
      if (!isPathSegment(name) || !isPathSegment(key)) {
        return { status: 'failed', message: `\`${name}/${key}\` cannot be the name of a file` };
      }
      try {
        const content = await readFile(join(folder, name, key), { signal });
        if (isUtf8(content)) return { status: 'found', value: content.toString() };
        return { status: 'failed', message: `\`${shown(name, key)}\` is not UTF-8` };
      } catch (error) {
        signal?.throwIfAborted();
        if (!isAbsent(error)) return { status: 'failed', message: unreadable(shown(name, key), error).message };
        const found = await list(name);
        const near = found.status === 'found' ? didYouMean(key, found.keys) : undefined;
        return { status: 'absent', where: `\`${shown(name, key)}\``, ...(near === undefined ? {} : { hint: near }) };
      }
    },
  };
}

function isPathSegment(text: string): boolean {
  return /^[^/\0]+$/.test(text) && text !== '.' && text !== '..';
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
