import type { Clock } from '../../util/clock.ts';
import type { LogLine, LogOptions } from '../driver.ts';
import { createLineReader, findLineStart, findTail, type Line, type LineReader } from './log-file.ts';
import { logPaths, type LogPaths } from './log-state.ts';
import { openLogView } from './log-view.ts';
import { createTimeFinder, positionAt, readTimes } from './log-times.ts';
import type { InstanceFiles } from './store.ts';

/** Milliseconds between two looks at the files while following. */
const pollInterval = 100;

interface Stream {
  readonly name: LogLine['stream'];
  readonly paths: LogPaths;
  readonly reader: LineReader;
}

/**
 * An instance's output, across rotations. The two streams lie in two files and nothing says which line came first, so
 * what is there already comes as stdout, then stderr; what is followed comes as it is written. `tail` counts the lines
 * of both, and leaves stdout out first. Following ends when `isRunning` says no and everything is read.
 *
 * Times are those of the marks that upkeep leaves: a line's time is when it had been written at the latest, early by
 * nothing and late by the time between two marks. Where there are none it is when the file was last written.
 */
export async function* readLogs(
  files: Pick<InstanceFiles, 'stdout' | 'stderr'>,
  options: LogOptions,
  parts: { readonly isRunning: () => Promise<boolean>; readonly clock: Clock },
): AsyncGenerator<LogLine> {
  const { signal } = options;
  const streams = await openStreams(files, options);
  for (;;) {
    const more = options.follow && (await parts.isRunning()); // asked before reading: what it wrote last is then there
    for (const { name, paths, reader } of streams) {
      const timeOf = options.timestamps ? createTimeFinder(await readTimes(paths)) : undefined;
      const toLine = ({ text, end }: Line): LogLine => ({
        stream: name,
        text,
        ...(timeOf ? { time: new Date(timeOf(end) ?? reader.modified()).toISOString() } : {}),
      });
      for await (const line of reader.lines()) {
        if (signal.aborted) return;
        yield toLine(line);
      }
      const rest = more ? undefined : reader.rest();
      if (rest) yield toLine(rest);
    }
    if (!more) return;
    try {
      await parts.clock.sleep(pollInterval, signal);
    } catch {
      return; // aborted, which is one way to end
    }
  }
}

async function openStreams(
  files: Pick<InstanceFiles, 'stdout' | 'stderr'>,
  { tail, since }: Pick<LogOptions, 'tail' | 'since'>,
): Promise<readonly Stream[]> {
  const stdout = logPaths(files.stdout);
  const stderr = logPaths(files.stderr);
  const begins = { stdout: await positionSince(stdout, since), stderr: await positionSince(stderr, since) };
  if (tail !== undefined) {
    const problems = await findTail(stderr, tail, begins.stderr);
    const results = await findTail(stdout, tail - problems.lines, begins.stdout);
    begins.stderr = problems.position;
    begins.stdout = results.position;
  }
  return [
    { name: 'stdout', paths: stdout, reader: createLineReader(stdout, begins.stdout) },
    { name: 'stderr', paths: stderr, reader: createLineReader(stderr, begins.stderr) },
  ];
}

async function positionSince(paths: LogPaths, since: number | undefined): Promise<number | undefined> {
  if (since === undefined) return undefined;
  {
    await using view = await openLogView(paths);
    if (view.modified < since) return view.end;
  }
  return findLineStart(paths, positionAt(await readTimes(paths), since));
}
