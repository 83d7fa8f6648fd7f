import { openLogView, type LogView } from './log-view.ts';
import type { LogPaths } from './log-state.ts';

const blockSize = 64 * 1024;
const lineBreak = 0x0a;

/** A line, and the position behind its line break. */
export interface Line {
  readonly text: string;
  readonly end: number;
}

/** Reads a growing log line by line. A line is read whole: it ends in its line break, never inside a character. */
export interface LineReader {
  /** The lines that have been completed since the last call, up to where the log ends now, as they are read. */
  batches(): AsyncGenerator<readonly Line[]>;
  /** What stands after the last line break; taken once. */
  rest(): Line | undefined;
  /** When the log was last written, as of the last call of `lines`. */
  modified(): number;
}

/**
 * A reader from a position on; absent: from the first whole line there is. It ends where the line `to` begins. A log
 * that is not there is empty, one that somebody has cut is read from its new start, and what was rotated away before it
 * was read is passed over.
 */
export function createLineReader(paths: LogPaths, from?: number, to = Infinity): LineReader {
  let position = from;
  let modified = 0;
  let begun: Buffer[] = [];
  return {
    async *batches() {
      for (let overtaken = true; overtaken;) {
        await using view = await openLogView(paths);
        overtaken = false;
        ({ modified } = view);
        if (position === undefined || position < view.start || position > view.end) {
          position = position !== undefined && position > view.end ? view.base : await firstLine(view);
          begun = [];
        }
        for (const until = Math.min(view.end, to); position < until;) {
          const block = await view.read(position, Math.min(blockSize, until - position));
          if (block === undefined) {
            overtaken = true;
            break;
          }
          if (block.length === 0) return;
          const offset = position;
          position += block.length;
          const lines: Line[] = [];
          let start = 0;
          for (let end = block.indexOf(lineBreak); end >= 0; end = block.indexOf(lineBreak, start)) {
            const text = begun.length === 0 ? block.toString('utf8', start, end) : joined(begun, block, start, end);
            begun = [];
            start = end + 1;
            lines.push({ text, end: offset + start });
          }
          if (start < block.length) begun.push(block.subarray(start));
          if (lines.length > 0) yield lines;
        }
      }
    },
    rest() {
      const text = Buffer.concat(begun).toString('utf8');
      begun = [];
      return text === '' ? undefined : { text, end: position ?? 0 };
    },
    modified: () => modified,
  };
}

function joined(begun: readonly Buffer[], block: Buffer, start: number, end: number): string {
  return Buffer.concat([...begun, block.subarray(start, end)]).toString('utf8');
}

/** A stretch of a log: from the line that begins at `from`, up to where the one at `to` begins. */
export interface Stretch {
  readonly from?: number;
  readonly to?: number;
}

/** Where the last `count` lines of a stretch begin, and how many there are, if it has fewer. */
export async function findTail(
  paths: LogPaths,
  count: number,
  stretch: Stretch = {},
): Promise<{ readonly position: number; readonly lines: number }> {
  for (;;) {
    await using view = await openLogView(paths);
    const found = await tailOf(view, count, stretch);
    if (found) return found;
  }
}

/** Where the line begins that `position` lies in. */
export async function findLineStart(paths: LogPaths, position: number): Promise<number> {
  for (;;) {
    await using view = await openLogView(paths);
    const first = await firstLine(view);
    if (position <= first) return first;
    const at = await createBreakFinder(view, first)(Math.min(position, view.end));
    if (at !== 'overtaken') return at === undefined ? first : at + 1;
  }
}

/** The last `count` lines of a log as it is now. */
export async function lastLines(paths: LogPaths, count: number): Promise<readonly string[]> {
  const reader = createLineReader(paths, (await findTail(paths, count)).position);
  const lines: string[] = [];
  for await (const batch of reader.batches()) lines.push(...batch.map(({ text }) => text));
  const rest = reader.rest();
  return rest === undefined ? lines : [...lines, rest.text];
}

/** `undefined` when a rotation came in between. */
async function tailOf(
  view: LogView,
  count: number,
  { from = 0, to = Infinity }: Stretch,
): Promise<{ readonly position: number; readonly lines: number } | undefined> {
  const first = Math.max(from, await firstLine(view));
  const until = Math.min(view.end, to);
  if (count <= 0 || until <= first) return { position: until, lines: 0 };
  const lastBreak = createBreakFinder(view, first);
  let end = until - 1; // the last line counts whether or not it has its line break yet
  for (let lines = 1; ; lines++) {
    const at = await lastBreak(end);
    if (at === 'overtaken') return undefined;
    if (at === undefined) return { position: first, lines };
    if (lines === count) return { position: at + 1, lines };
    end = at;
  }
}

/** The first position at which a line begins. */
async function firstLine(view: LogView): Promise<number> {
  let position = view.start;
  while (view.torn && position < view.end) {
    const block = await view.read(position, blockSize);
    if (!block?.length) break;
    const at = block.indexOf(lineBreak);
    if (at >= 0) return position + at + 1;
    position += block.length;
  }
  return position;
}

/** Finds the last line break before `end`, not before `first`; `end` only ever goes down. */
type BreakFinder = (end: number) => Promise<number | 'overtaken' | undefined>;

function createBreakFinder(view: LogView, first: number): BreakFinder {
  let block = { start: Infinity, bytes: Buffer.alloc(0) };
  return async (from) => {
    for (let end = from; end > first; end = block.start) {
      if (end <= block.start) {
        const start = Math.max(first, end - blockSize);
        const bytes = await readWhole(view, start, end - start);
        if (bytes === undefined) return 'overtaken';
        block = { start, bytes };
      }
      const at = block.bytes.lastIndexOf(lineBreak, end - 1 - block.start);
      if (at >= 0) return block.start + at;
    }
    return undefined;
  };
}

async function readWhole(view: LogView, position: number, length: number): Promise<Buffer<ArrayBuffer> | undefined> {
  const blocks: Buffer[] = [];
  for (let left = length; left > 0;) {
    const block = await view.read(position + length - left, left);
    if (block === undefined) return undefined;
    if (block.length === 0) break;
    blocks.push(block);
    left -= block.length;
  }
  return Buffer.concat(blocks);
}
