import type { LogLine } from '../drivers/driver.ts';
import type { Clock } from '../util/clock.ts';
import { mergeOrdered } from '../util/merge-ordered.ts';
import type { AgentName, OpenLogs } from './open-logs.ts';
import { StreamError } from './stream-error.ts';

/** A line and whose it is. */
export interface AgentLogLine extends LogLine, AgentName {}

/** Lines of one log that follow each other, or why it gives no more. `log` is its place among the opened ones. */
export type LogNews =
  | { readonly type: 'lines'; readonly log: number; readonly lines: readonly LogLine[] }
  | { readonly type: 'failed'; readonly log: number; readonly error: Error };

/** Milliseconds without a line after which a log that is followed counts as caught up with. */
const silence = 250;

/**
 * The lines of several logs, each in its own order: what is there already by its times, what is followed as it comes.
 * Ends when all have ended; one that fails is reported and keeps nothing from the others.
 */
export async function* mergeLogs(
  { logs, leave }: OpenLogs,
  { clock, follow = false }: { readonly clock: Clock; readonly follow?: boolean },
): AsyncGenerator<LogNews> {
  const batches = logs.map((log) => log.batches);
  const options = { leave, ...(follow ? { patience: { clock, milliseconds: silence } } : {}) };
  for await (const news of mergeOrdered(batches, timeKey, options)) {
    if (news.type === 'items') yield { type: 'lines', log: news.source, lines: news.items };
    else yield { type: 'failed', log: news.source, error: asError(news.error) };
  }
}

/** The same line by line, each with its agent. Throws a {@link StreamError} with what a log fails with as its cause. */
export async function* eachLine(opened: OpenLogs, news: AsyncIterable<LogNews>): AsyncGenerator<AgentLogLine> {
  for await (const entry of news) {
    const name = opened.logs[entry.log]?.name;
    if (entry.type === 'failed') throw unreadableLog(name, entry.error);
    if (name) for (const line of entry.lines) yield { ...name, ...line };
  }
}

/** Times of one zone and of any precision, in order as texts. */
function timeKey({ time }: LogLine): string | undefined {
  if (time === undefined || time.endsWith('Z')) return time?.slice(0, -1);
  return new Date(time).toISOString().slice(0, -1);
}

function unreadableLog(name: AgentName | undefined, cause: Error): StreamError {
  return new StreamError(`the log of \`${name?.agent ?? ''}\` cannot be read: ${cause.message}`, [], { cause });
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
