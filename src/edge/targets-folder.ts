import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EdgeDocument, EdgeTarget, EdgeTargetFile } from '../model/edge.ts';

type Targets = EdgeDocument['targets'];

/** Milliseconds between two looks at the folder. */
const lookEvery = 100;

/** Milliseconds within which two changes of a folder may bear the same time. */
const stampPrecision = 2_000;

/**
 * The replicas of all groups as a folder tells them, each in a file `<id>.json` that appears and changes whole. Rejects
 * where the folder cannot be read.
 */
export async function readTargets(folder: string): Promise<Targets> {
  const groups: Record<string, Record<string, EdgeTarget>> = {};
  for (const name of (await readdir(folder)).sort()) {
    if (!name.endsWith('.json')) continue;
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined); // taken away meanwhile
    if (text === undefined) continue;
    const { group, ...target } = JSON.parse(text) as EdgeTargetFile;
    (groups[group] ??= {})[name.slice(0, -'.json'.length)] = target;
  }
  return groups;
}

/**
 * Hands the replicas on ten times a second until the signal is aborted; they are read only after the folder has changed.
 * While it cannot be read, they stay as they were.
 */
export async function followTargets(
  folder: string,
  take: (targets: Targets) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let stamp: number | undefined;
  let known: Targets | undefined;
  for (;;) {
    await delay(lookEvery, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const { mtimeMs } = await stat(folder);
      if (mtimeMs !== stamp) {
        known = await readTargets(folder);
        stamp = Date.now() - mtimeMs > stampPrecision ? mtimeMs : undefined;
      }
    } catch {
      stamp = undefined;
    }
    if (known) await take(known);
  }
}
