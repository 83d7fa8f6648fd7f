import { open, readdir, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { orAbsent } from './failure.ts';
import { isSettled, readLogState, type LogPaths, type LogState } from './log-state.ts';

/** The log of one stream as it was at one moment, its rotated files and the live one as one row of bytes. */
export interface LogView extends AsyncDisposable {
  /** The first position that is left, and whether a line begins there. */
  readonly start: number;
  readonly torn: boolean;
  /** Where the live file begins and where it ended. */
  readonly base: number;
  readonly end: number;
  /** When the live file was written last, in milliseconds since the epoch. */
  readonly modified: number;
  /** Up to `length` bytes, empty at the end; `undefined` once a rotation has overtaken the view: open another. */
  read(position: number, length: number): Promise<Buffer | undefined>;
}

interface Segment {
  readonly file: FileHandle;
  readonly start: number;
  readonly size: number;
}

/** Milliseconds between two looks at a rotation under way, and how many of them before it counts as abandoned. */
const rotationPause = 10;
const rotationLooks = 300;

/** A view of a log; of one that nobody has written it is empty. */
export async function openLogView(paths: LogPaths): Promise<LogView> {
  for (let look = 0; ; look++) {
    const state = await readLogState(paths);
    const abandoned = look >= rotationLooks;
    if (state.cutting === undefined || abandoned) {
      const segments = await openSegments(paths, state);
      const after = await readLogState(paths);
      if (isSettled(state, after) || (abandoned && after.base === state.base)) return viewOf(paths, state, segments);
      await closeAll(segments);
    }
    await setTimeout(rotationPause);
  }
}

/** The numbers of the rotated files that are there, the newest first. */
export async function rotatedNumbers(paths: LogPaths): Promise<readonly number[]> {
  const name = basename(paths.live);
  const entries = (await orAbsent(readdir(dirname(paths.live)))) ?? [];
  return entries
    .filter((entry) => entry.startsWith(`${name}.`) && /^\d+$/.test(entry.slice(name.length + 1)))
    .map((entry) => Number(entry.slice(name.length + 1)))
    .sort((left, right) => left - right);
}

interface OpenLog {
  /** Oldest first. */
  readonly rotated: readonly Segment[];
  readonly live: Segment | undefined;
  readonly base: number;
  readonly modified: number;
}

async function openSegments(paths: LogPaths, { base, cutting }: LogState): Promise<OpenLog> {
  const names = (await rotatedNumbers(paths)).map((number) => paths.rotated(number)).reverse();
  const files = await openThose(names);
  const live = await openOne(paths.live);
  let start = base;
  if (cutting !== undefined) {
    const cut = await openOne(paths.cut);
    if (cut) files.push(cut);
    const copied = cut ? undefined : await openOne(paths.copy);
    const uncut = copied !== undefined && (live?.size ?? 0) >= cutting;
    if (copied && !uncut) files.push(copied);
    else await copied?.file.close();
    if (!uncut) start = base + cutting;
  }
  let position = start - files.reduce((sum, { size }) => sum + size, 0);
  const rotated = files.map(({ file, size }) => {
    const segment = { file, size, start: position };
    position += size;
    return segment;
  });
  return {
    rotated,
    live: live && { file: live.file, size: live.size, start },
    base: start,
    modified: live?.modified ?? 0,
  };
}

function viewOf(paths: LogPaths, state: LogState, log: OpenLog): LogView {
  const { rotated, live, base } = log;
  return {
    start: rotated[0]?.start ?? base,
    torn: state.torn,
    base,
    end: base + (live?.size ?? 0),
    modified: log.modified,
    async read(position, length) {
      const segment = rotated.find(({ start, size }) => position >= start && position < start + size);
      if (segment) {
        return readAt(
          segment.file,
          position - segment.start,
          Math.min(length, segment.start + segment.size - position),
        );
      }
      if (!live || position < base) return Buffer.alloc(0);
      const bytes = await readAt(live.file, position - base, length);
      const now = await readLogState(paths); // after reading: what was cut meanwhile was cut after this
      return now.base === state.base && now.cutting === state.cutting ? bytes : undefined;
    },
    [Symbol.asyncDispose]: () => closeAll(log),
  };
}

interface OpenFile {
  readonly file: FileHandle;
  readonly size: number;
  readonly modified: number;
}

async function openOne(path: string): Promise<OpenFile | undefined> {
  const file = await orAbsent(open(path, 'r'));
  if (!file) return undefined;
  const { size, mtimeMs } = await file.stat();
  return { file, size, modified: mtimeMs };
}

async function openThose(paths: readonly string[]): Promise<OpenFile[]> {
  const files: OpenFile[] = [];
  for (const path of paths) {
    const file = await openOne(path);
    if (file) files.push(file);
  }
  return files;
}

async function closeAll({ rotated, live }: OpenLog): Promise<void> {
  await Promise.all([...rotated, ...(live ? [live] : [])].map(({ file }) => file.close()));
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
