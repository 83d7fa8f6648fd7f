import type { Clock } from '../../util/clock.ts';
import type { LogLine, LogOptions } from '../driver.ts';
import { createLineReader, findTail, type LineReader } from './log-file.ts';
import type { InstanceFiles } from './store.ts';

/** Milliseconds between two looks at the files while following. */
const pollInterval = 100;

interface Stream {
  readonly name: LogLine['stream'];
  readonly reader: LineReader;
}

/**
 * An instance's output. The two streams lie in two files and nothing says which line came first, so what is there
 * already comes as stdout, then stderr; what is followed comes as it is written. `tail` counts the lines of both, and
 * leaves stdout out first. Following ends when `isRunning` says no and everything is read.
 */
export async function* readLogs(
  files: Pick<InstanceFiles, 'stdout' | 'stderr'>,
  options: LogOptions,
  parts: { readonly isRunning: () => Promise<boolean>; readonly clock: Clock },
): AsyncGenerator<LogLine> {
  const { signal } = options;
  const streams = await openStreams(files, options.tail);
  for (;;) {
    const more = options.follow && (await parts.isRunning()); // asked before reading: what it wrote last is then there
    for (const { name, reader } of streams) {
      for await (const text of reader.lines()) {
        if (signal.aborted) return;
        yield { stream: name, text };
      }
      const text = more ? undefined : reader.rest();
      if (text !== undefined) yield { stream: name, text };
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
  tail: number | undefined,
): Promise<readonly Stream[]> {
  const stderr = tail === undefined ? { offset: 0, lines: 0 } : await findTail(files.stderr, tail);
  const stdout = tail === undefined ? { offset: 0 } : await findTail(files.stdout, tail - stderr.lines);
  return [
    { name: 'stdout', reader: createLineReader(files.stdout, stdout.offset) },
    { name: 'stderr', reader: createLineReader(files.stderr, stderr.offset) },
  ];
}
