import { parseAddress, type Address } from '../../model/address.ts';
import type { DriverEvent, DriverNotice } from '../../model/agent-event.ts';
import { labels as names } from '../../model/labels.ts';
import type { Clock } from '../../util/clock.ts';
import type { EventOptions } from '../driver.ts';
import type { Answer, Engine } from './engine.ts';
import type { EventMessage } from './engine-types.ts';
import { textLines } from './text-lines.ts';

/** The engine's actions that are told; running a health check makes others, which would never end. */
export const told = ['create', 'start', 'die', 'oom', 'kill', 'pause', 'unpause', 'update', 'destroy', 'health_status'];

const longestPause = 10_000;

/**
 * What happens to the containers of a workspace, as the engine tells it, until the signal is aborted. When the engine
 * goes away that is told once, and it is asked again; what it still knows of the time between is told then.
 */
export async function* events(
  connect: () => Answer<Engine>,
  workspace: string,
  { since, signal }: EventOptions,
  clock: Clock,
): AsyncGenerator<DriverEvent | DriverNotice> {
  const filters = { type: ['container'], label: [`${names.workspace}=${workspace}`], event: told };
  let from = since === undefined ? undefined : String(since / 1_000);
  let pause = 0;
  let isLost = false;
  while (!signal.aborted) {
    const connected = await connect();
    const stream = connected.ok ? await connected.value.events(filters, signal, from) : connected;
    let reason = stream.ok ? 'the engine closed the stream of events' : stream.error.message;
    if (stream.ok) {
      pause = 0;
      if (isLost) yield { type: 'reconnected', at: clock.now(), message: 'the engine answers again' };
      isLost = false;
      from ??= String(clock.now() / 1_000);
      try {
        for await (const line of textLines(stream.value)) {
          const read = eventOf(line);
          if (read) {
            from = read.next;
            yield read.event;
          }
        }
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
    if (signal.aborted) return;
    if (!isLost) yield { type: 'disconnected', at: clock.now(), message: reason };
    isLost = true;
    pause = Math.min(longestPause, pause * 2 + 250);
    await clock.sleep(pause, signal).catch(() => undefined);
  }
}

/** One message in our words, and the engine's `since` for what comes after it. */
export function eventOf(line: string): { readonly event: DriverEvent; readonly next: string } | undefined {
  const message = parse(line);
  const attributes = message?.Actor?.Attributes ?? {};
  const address = attributes[names.address];
  const nano = message?.timeNano;
  if (!message || nano === undefined || address === undefined || !parseAddress(address)) return undefined;
  const kind = kindOf(message.Action ?? '', attributes);
  if (!kind) return undefined;
  const subject = {
    at: Math.floor(nano / 1e6),
    address: address as Address,
    name: attributes.name ?? '',
    ref: message.Actor?.ID ?? '',
  };
  return { event: { ...subject, ...kind }, next: following(line, nano) };
}

/** Nanoseconds since the epoch are more than a number holds exactly, so the digits are taken from the text. */
function following(line: string, nano: number): string {
  const digits = /"timeNano":\s*(\d+)/.exec(line)?.[1] ?? String(nano);
  const next = String(BigInt(digits) + 1n).padStart(10, '0');
  return `${next.slice(0, -9)}.${next.slice(-9)}`;
}

type Kind = Pick<DriverEvent, 'type' | 'exitCode' | 'detail' | 'health'>;

function kindOf(action: string, attributes: Readonly<Record<string, string>>): Kind | undefined {
  switch (action) {
    case 'create':
      return { type: 'created' };
    case 'start':
      return { type: 'started' };
    case 'die':
      return { type: 'ended', exitCode: Number(attributes.exitCode ?? 0) };
    case 'oom':
      return { type: 'out-of-memory' };
    case 'kill':
      return { type: 'signalled', detail: `signal ${attributes.signal ?? '?'}` };
    case 'pause':
      return { type: 'paused' };
    case 'unpause':
      return { type: 'resumed' };
    case 'update':
      return { type: 'updated' };
    case 'destroy':
      return { type: 'removed' };
    case 'health_status: healthy':
      return { type: 'health', health: 'healthy' };
    case 'health_status: unhealthy':
      return { type: 'health', health: 'unhealthy' };
    default:
      return undefined;
  }
}

function parse(line: string): EventMessage | undefined {
  try {
    return JSON.parse(line) as EventMessage;
  } catch {
    return undefined;
  }
}
