import { parseAddress, type Address } from '../../model/address.ts';
import { labels as names } from '../../model/labels.ts';
import type { Clock } from '../../util/clock.ts';
import type { Engine } from './engine.ts';
import type { EventMessage } from './engine-types.ts';
import { textLines } from './text-lines.ts';

/** Events that can mean a difference. Running a health check in a container makes others, which would never end. */
const telling = [
  'create',
  'start',
  'restart',
  'die',
  'oom',
  'pause',
  'unpause',
  'stop',
  'rename',
  'update',
  'destroy',
  'remove',
  'connect',
  'disconnect',
  'health_status',
];

const longestPause = 10_000;

/**
 * Hints that something of the workspace changed, until the signal is aborted. When the engine goes away it tries again
 * and, as it may have missed something, gives a hint without an address once the engine is back.
 */
export async function* changes(
  connect: (signal: AbortSignal) => Promise<Engine | undefined>,
  workspace: string,
  signal: AbortSignal,
  clock: Clock,
): AsyncGenerator<{ readonly address?: Address }> {
  const filters = { label: [`${names.workspace}=${workspace}`], event: telling };
  let pause = 0;
  for (let missed = false; !signal.aborted; missed = true) {
    const engine = await connect(signal);
    const stream = await engine?.events(filters, signal);
    if (stream?.ok) {
      pause = 0;
      if (missed) yield {};
      try {
        for await (const line of textLines(stream.value)) yield hintOf(line);
      } catch {
        // the connection broke: what was missed meanwhile is made good by the hint above
      }
    }
    if (signal.aborted) return;
    pause = Math.min(longestPause, pause * 2 + 250);
    await clock.sleep(pause, signal).catch(() => undefined);
  }
}

/** What one event says about whom. */
export function hintOf(line: string): { readonly address?: Address } {
  const address = addressIn(line);
  return address !== undefined && parseAddress(address) ? { address: address as Address } : {};
}

function addressIn(line: string): string | undefined {
  try {
    return (JSON.parse(line) as EventMessage).Actor?.Attributes?.[names.address];
  } catch {
    return undefined;
  }
}
