import type { Clock } from '../../util/clock.ts';
import { mergeOrdered } from '../../util/merge-ordered.ts';
import type { LogLine, LogOptions } from '../driver.ts';
import { createLineReader, findLineStart, findTail, type Line, type LineReader, type Stretch } from './log-file.ts';
import { logPaths, type LogPaths } from './log-state.ts';
import { openLogView } from './log-view.ts';
import { createTimeFinder, positionAt, positionUntil, readTimes } from './log-times.ts';
import type { InstanceFiles } from './store.ts';

/** Milliseconds between two looks at the files while following. */
const pollInterval = 100;

interface Stream {
  readonly name: LogLine['stream'];
  readonly paths: LogPaths;
  readonly reader: LineReader;
}

/**
 * An instance's output, across rotations, as many lines at a time as were read. The two streams lie in two files and
 * nothing says which line came first, so what is there already comes as stdout, then stderr, or with `timestamps` by
 * the times below; what is followed comes as it is written. `tail` counts the lines of both, and leaves stdout out
 * first. Following ends when `isRunning` says no and everything is read.
 *
 * Times are those of the marks that upkeep leaves: a line's time is when it had been written at the latest, early by
 * nothing and late by the time between two marks. Where there are none it is when the file was last written.
 */
export async function* readLogs(
  files: Pick<InstanceFiles, 'stdout' | 'stderr'>,
  options: LogOptions,
  parts: { readonly isRunning: () => Promise<boolean>; readonly createdAt: number; readonly clock: Clock },
): AsyncGenerator<readonly LogLine[]> {
  const { signal } = options;
  const streams = await openStreams(files, options, parts.createdAt);
  for (;;) {
    const more = options.follow && (await parts.isRunning()); // asked before reading: what it wrote last is then there
    const read = streams.map((stream) => newLines(stream, options, more));
    for await (const lines of options.timestamps ? byTime(read) : inTurn(read)) {
      if (signal.aborted) return;
      yield lines;
    }
    if (!more) return;
    try {
      await parts.clock.sleep(pollInterval, signal);
    } catch {
      return; // aborted, which is one way to end
    }
  }
}

/** What a stream holds that has not been read; with what is no whole line yet, unless `more` is to come. */
async function* newLines(
  { name, paths, reader }: Stream,
  { timestamps }: LogOptions,
  more: boolean,
): AsyncGenerator<readonly LogLine[]> {
  const timeOf = timestamps ? createTimeFinder(await readTimes(paths)) : undefined;
  const toLine = ({ text, end }: Line): LogLine => {
    if (!timeOf) return { stream: name, text };
    return { stream: name, text, time: new Date(timeOf(end) ?? reader.modified()).toISOString() };
  };
  for await (const lines of reader.batches()) yield lines.map(toLine);
  const rest = more ? undefined : reader.rest();
  if (rest) yield [toLine(rest)];
}

async function* inTurn<T>(streams: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  for (const stream of streams) yield* stream;
}

async function* byTime(streams: readonly AsyncIterable<readonly LogLine[]>[]): AsyncGenerator<readonly LogLine[]> {
  for await (const merged of mergeOrdered(streams, ({ time }) => time)) {
    if (merged.type === 'failed') throw merged.error;
    yield merged.items;
  }
}

async function openStreams(
  files: Pick<InstanceFiles, 'stdout' | 'stderr'>,
  { tail, since, until }: Pick<LogOptions, 'tail' | 'since' | 'until'>,
  createdAt: number,
): Promise<readonly Stream[]> {
  const stdout = logPaths(files.stdout);
  const stderr = logPaths(files.stderr);
  const ends = until !== undefined && until < createdAt ? { to: 0 } : undefined;
  const stretches = {
    stdout: ends ?? (await stretchOf(stdout, since, until)),
    stderr: ends ?? (await stretchOf(stderr, since, until)),
  };
  if (tail !== undefined) {
    const problems = await findTail(stderr, tail, stretches.stderr);
    const results = await findTail(stdout, tail - problems.lines, stretches.stdout);
    stretches.stderr = { ...stretches.stderr, from: problems.position };
    stretches.stdout = { ...stretches.stdout, from: results.position };
  }
  const open = (name: LogLine['stream'], paths: LogPaths): Stream => {
    const { from, to }: Stretch = stretches[name];
    return { name, paths, reader: createLineReader(paths, from, to) };
  };
  return [open('stdout', stdout), open('stderr', stderr)];
}

/** Where those lines lie that may have been written in that time. */
async function stretchOf(paths: LogPaths, since: number | undefined, until: number | undefined): Promise<Stretch> {
  const to = until === undefined ? undefined : positionUntil(await readTimes(paths), until);
  return {
    ...(since === undefined ? {} : { from: await positionSince(paths, since) }),
    ...(to === undefined ? {} : { to: await findLineStart(paths, to) }),
  };
}

async function positionSince(paths: LogPaths, since: number): Promise<number> {
  {
    await using view = await openLogView(paths);
    if (view.modified < since) return view.end;
  }
  return findLineStart(paths, positionAt(await readTimes(paths), since));
}
