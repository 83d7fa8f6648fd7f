import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toSupervision, type Supervision } from '../model/supervision.ts';
import type { Json } from '../util/json.ts';

/** What the supervisor of a workspace remembers, by object name: one file each, written whole. */
export async function readSupervisions(stateFolder: string): Promise<ReadonlyMap<string, Supervision>> {
  const entries = (await orAbsent(readdir(folderOf(stateFolder)))) ?? [];
  const found = new Map<string, Supervision>();
  for (const entry of entries) {
    const stem = /^(.+)\.json$/.exec(entry)?.[1];
    const name = stem === undefined ? undefined : decodeURIComponent(stem);
    const text = name === undefined ? undefined : await orAbsent(readFile(fileOf(stateFolder, name), 'utf8'));
    const supervision = text === undefined ? undefined : toSupervision(parse(text));
    if (name !== undefined && supervision) found.set(name, supervision);
  }
  return found;
}

/** Keeps what is remembered of one object. */
export async function writeSupervision(stateFolder: string, name: string, supervision: Supervision): Promise<void> {
  const { default: writeFileAtomic } = await import('write-file-atomic');
  await mkdir(folderOf(stateFolder), { recursive: true, mode: 0o700 });
  await writeFileAtomic(fileOf(stateFolder, name), `${JSON.stringify(supervision)}\n`, { mode: 0o600 });
}

/** Forgets an object that is gone. */
export async function forgetSupervision(stateFolder: string, name: string): Promise<void> {
  await rm(fileOf(stateFolder, name), { force: true });
}

function folderOf(stateFolder: string): string {
  return join(stateFolder, 'supervision');
}

function fileOf(stateFolder: string, name: string): string {
  return join(folderOf(stateFolder), `${encodeURIComponent(name)}.json`);
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
