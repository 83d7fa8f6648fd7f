import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '../util/json.ts';

/** What is remembered by name in a folder of its own: one file each, written whole. Losing it loses memory alone. */
export interface MemoryFiles<T> {
  read(): Promise<ReadonlyMap<string, T>>;
  write(name: string, value: T): Promise<void>;
  forget(name: string): Promise<void>;
}

/** The files of a folder; what `toValue` does not know is as good as absent. */
export function memoryFiles<T>(folder: string, toValue: (json: Json | undefined) => T | undefined): MemoryFiles<T> {
  const fileOf = (name: string): string => join(folder, `${encodeURIComponent(name)}.json`);
  return {
    async read() {
      const entries = (await orAbsent(readdir(folder))) ?? [];
      const found = new Map<string, T>();
      for (const entry of entries) {
        const stem = /^(.+)\.json$/.exec(entry)?.[1];
        const name = stem === undefined ? undefined : decodeURIComponent(stem);
        const text = name === undefined ? undefined : await orAbsent(readFile(fileOf(name), 'utf8'));
        const value = text === undefined ? undefined : toValue(parse(text));
        if (name !== undefined && value !== undefined) found.set(name, value);
      }
      return found;
    },
    async write(name, value) {
      const { default: writeFileAtomic } = await import('write-file-atomic');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFileAtomic(fileOf(name), `${JSON.stringify(value)}\n`, { mode: 0o600 });
    },
    forget: (name) => rm(fileOf(name), { force: true }),
  };
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined; // it is only memory: without it, counting starts anew
  }
}

async function orAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
