import { appendFile, readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { orAbsent } from './failure.ts';
import type { LogPaths } from './log-state.ts';

/** Everything before the position had been written by `time`, in milliseconds since the epoch. */
export interface TimeMark {
  readonly position: number;
  readonly time: number;
}

/** How many marks a log may have; above it every second one goes. */
const markLimit = 4096;

/** The marks of a log, in order. A line that was cut off by a crash is passed over. */
export async function readTimes(paths: LogPaths): Promise<readonly TimeMark[]> {
  const text = (await orAbsent(readFile(paths.times, 'utf8'))) ?? '';
  return text
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      const match = /^(\d+) (\d+)$/.exec(line);
      return match ? [{ position: Number(match[1]), time: Number(match[2]) }] : [];
    });
}

/** Adds a mark. */
export async function addTime(paths: LogPaths, { position, time }: TimeMark): Promise<void> {
  await appendFile(paths.times, `${String(position)} ${String(Math.round(time))}\n`, { mode: 0o600 });
}

/** Forgets the marks of what has been rotated away, and thins out the rest where there are too many. */
export async function pruneTimes(paths: LogPaths, start: number): Promise<void> {
  const marks = await readTimes(paths);
  const kept = thinOut(marks.filter(({ position }) => position >= start));
  if (kept.length === marks.length) return;
  const text = kept.map(({ position, time }) => `${String(position)} ${String(time)}\n`).join('');
  await writeFileAtomic(paths.times, text, { mode: 0o600 });
}

/** At most {@link markLimit} marks; the last one always stays. */
export function thinOut(marks: readonly TimeMark[]): readonly TimeMark[] {
  if (marks.length <= markLimit) return marks;
  return thinOut(marks.filter((_, index) => index % 2 === (marks.length - 1) % 2));
}

/** The position before which everything had been written when `since` came; 0 where that is not known. */
export function positionAt(marks: readonly TimeMark[], since: number): number {
  return marks.findLast(({ time }) => time < since)?.position ?? 0;
}

/** The position that had not been passed when `until` came, as far as that is known; absent: nothing says so. */
export function positionUntil(marks: readonly TimeMark[], until: number): number | undefined {
  return marks.find(({ time }) => time >= until)?.position;
}

/** By when the byte before `end` had been written. Asked in ascending order, as lines are read. */
export function createTimeFinder(marks: readonly TimeMark[]): (end: number) => number | undefined {
  let next = 0;
  return (end) => {
    while (next < marks.length && (marks[next]?.position ?? 0) < end) next++;
    return marks[next]?.time;
  };
}
