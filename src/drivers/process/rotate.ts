import { copyFile, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { orAbsent } from './failure.ts';
import type { Cutter } from './cutter.ts';
import { readLogState, writeLogState, type LogPaths } from './log-state.ts';
import { pruneTimes } from './log-times.ts';
import { rotatedNumbers } from './log-view.ts';

/** What a rotation works with. */
export interface Rotation {
  /** How many files there may be, the live one among them. */
  readonly maxFiles: number;
  /** Keeps everybody from writing; `false` when that cannot be had. The cutter lets them go on. */
  readonly freeze: (cutter: Cutter) => Promise<boolean>;
  readonly startCutter: (paths: LogPaths) => Promise<Cutter>;
}

/**
 * Moves what the live file holds into `.1`; the file itself stays, since those who write hold it open. Nothing is lost:
 *
 *     copy what is there ──▶ freeze ──▶ copy the rest ──▶ state: cutting ──▶ cut ──▶ thaw ──▶ shift .1 to .2 …
 *     └───────── cut short here: nothing has happened ──────────┘└──── from here on it is completed ────┘
 *
 * Resolves with the bytes that were moved, `undefined` when the writers would not stand still.
 */
export async function rotate(paths: LogPaths, rotation: Rotation): Promise<number | undefined> {
  await completeRotation(paths, rotation.maxFiles);
  await copyFile(paths.live, paths.copy); // most of it, so that the pause is short
  const cutter = await rotation.startCutter(paths);
  let moved: number | undefined;
  try {
    if (await rotation.freeze(cutter)) {
      moved = await copyRest(paths);
      await writeLogState(paths, { ...(await readLogState(paths)), cutting: moved });
      cutter.cut();
    }
  } finally {
    await cutter.finish();
  }
  if (moved === undefined) await rm(paths.copy, { force: true });
  else await completeRotation(paths, rotation.maxFiles);
  return moved;
}

/** Completes a rotation that has become a fact. Only who may rotate may call it. */
export async function completeRotation(paths: LogPaths, maxFiles: number): Promise<void> {
  const state = await readLogState(paths);
  if (state.cutting === undefined) return;
  await cutIfUncut(paths, state.cutting);
  const numbers = await rotatedNumbers(paths);
  const dropped = numbers.filter((number) => number >= Math.max(maxFiles - 1, 1));
  const last = maxFiles > 1 ? dropped[0] && paths.rotated(dropped[0]) : paths.cut;
  if (last) await writeLogState(paths, { ...state, torn: !(await endsInBreak(last)) });
  for (const number of dropped) await rm(paths.rotated(number), { force: true });
  if (maxFiles > 1) await shift(paths, numbers);
  else await rm(paths.cut, { force: true });
  const { torn } = await readLogState(paths);
  const base = state.base + state.cutting;
  await writeLogState(paths, { base, torn });
  await pruneTimes(paths, base - (await sizeOfRotated(paths)));
}

/** The cutter was killed too, and then those who write stand still yet: the live file tells whether it came to cut. */
async function cutIfUncut(paths: LogPaths, cutting: number): Promise<void> {
  const copied = await orAbsent(stat(paths.copy));
  if (!copied) return;
  const live = await orAbsent(open(paths.live, 'r+'));
  try {
    if (live && (await live.stat()).size >= cutting) await live.truncate(0);
  } finally {
    await live?.close();
  }
  await rename(paths.copy, paths.cut);
}

/** `.1` becomes `.2` and so on, up to the first number that is free: after a crash one may be free already. */
async function shift(paths: LogPaths, numbers: readonly number[]): Promise<void> {
  if (!(await orAbsent(stat(paths.cut)))) return;
  let free = 1;
  while (numbers.includes(free) && (await orAbsent(stat(paths.rotated(free))))) free++;
  for (let number = free; number > 1; number--) await rename(paths.rotated(number - 1), paths.rotated(number));
  await rename(paths.cut, paths.rotated(1));
}

async function copyRest(paths: LogPaths): Promise<number> {
  const live = await open(paths.live, 'r');
  const copy = await open(paths.copy, 'a');
  try {
    const { size } = await live.stat();
    for (let { size: position } = await copy.stat(); position < size;) {
      const block = await readBlock(live, position, Math.min(1024 * 1024, size - position));
      if (block.length === 0) throw new Error(`\`${paths.live}\` has shrunk while its writers stood still`);
      await copy.write(block);
      position += block.length;
    }
    return size;
  } finally {
    await live.close();
    await copy.close();
  }
}

async function endsInBreak(path: string): Promise<boolean> {
  const file = await orAbsent(open(path, 'r'));
  try {
    const size = file ? (await file.stat()).size : 0;
    return !file || size === 0 || (await readBlock(file, size - 1, 1))[0] === 0x0a;
  } finally {
    await file?.close();
  }
}

async function readBlock(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function sizeOfRotated(paths: LogPaths): Promise<number> {
  let total = 0;
  for (const number of await rotatedNumbers(paths)) {
    total += (await orAbsent(stat(paths.rotated(number))))?.size ?? 0;
  }
  return total;
}
