import type { DriverEvent } from '../../model/agent-event.ts';
import type { DriverError } from '../../model/outcome.ts';
import { labels as names } from '../../model/labels.ts';
import { ok, type Result } from '../../util/result.ts';
import type { Span } from '../driver.ts';
import type { Engine } from './engine.ts';
import { eventOf, told } from './events.ts';
import { textLines } from './text-lines.ts';

/** What the engine still knows of a stretch of time: it keeps its last few hundred events, and none over a restart. */
export async function remembered(
  engine: Engine,
  workspace: string,
  { since, until }: Span,
  signal: AbortSignal,
): Promise<Result<readonly DriverEvent[], DriverError>> {
  const filters = { type: ['container'], label: [`${names.workspace}=${workspace}`], event: told };
  const stream = await engine.events(filters, signal, String(since / 1_000), String(until / 1_000));
  if (!stream.ok) return stream;
  const found: DriverEvent[] = [];
  for await (const line of textLines(stream.value)) {
    const read = eventOf(line);
    if (read) found.push(read.event);
  }
  return ok(found);
}
