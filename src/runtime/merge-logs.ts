import type { LogLine } from '../drivers/driver.ts';

/** A line and whose it is. */
export interface AgentLogLine extends LogLine {
  readonly agent: string;
}

/**
 * The lines of several logs as they come, each log in its own order. Ends when all have ended; a log that fails ends
 * the whole with its error.
 */
export async function* mergeLogs(
  logs: readonly { readonly agent: string; readonly lines: AsyncIterable<LogLine> }[],
): AsyncGenerator<AgentLogLine> {
  const readers = logs.map(({ agent, lines }) => ({ agent, iterator: lines[Symbol.asyncIterator]() }));
  const next = (reader: (typeof readers)[number]) => reader.iterator.next().then((result) => ({ reader, result }));
  const waiting = new Map(readers.map((reader) => [reader, next(reader)]));
  try {
    while (waiting.size > 0) {
      const { reader, result } = await Promise.race(waiting.values());
      if (result.done) {
        waiting.delete(reader);
        continue;
      }
      yield { ...result.value, agent: reader.agent };
      waiting.set(reader, next(reader));
    }
  } finally {
    await Promise.allSettled([...waiting.keys()].map(async ({ iterator }) => iterator.return?.()));
  }
}
