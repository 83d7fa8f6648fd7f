import { parseAddress, type Address } from '../model/address.ts';
import type { AgentEvent, DriverEvent } from '../model/agent-event.ts';
import { assertNever } from '../util/assert-never.ts';
import type { JsonObject } from '../util/json.ts';
import { reportFormatVersion, toDocument } from './document.ts';
import { plainStyle, type Paint, type Style } from './style.ts';
import { padded, printable } from './text.ts';

/** One line on an event: when, about whom, what. */
export function eventLine(event: AgentEvent, { style }: { readonly style: Style }): string {
  const { words, paint } = describe(event, style);
  const subject = 'agent' in event ? event.agent : 'address' in event ? labelOf(event.address) : event.source;
  const source = event.source === 'aac' && subject !== 'aac' ? style.dim('aac: ') : '';
  return `${style.dim(new Date(event.at).toISOString())}  ${style.bold(padded(printable(subject), 14))}  ${source}${paint(words)}`;
}

/** An event as a document for programs; `event` says what happened. */
export function eventDocument(event: AgentEvent): JsonObject {
  const { type, at, ...rest } = event;
  return toDocument({
    formatVersion: reportFormatVersion,
    type: 'event',
    at: new Date(at).toISOString(),
    event: type,
    ...rest,
  });
}

/** What happened to one object, in words without colour: `was sent signal 9`. */
export function eventWords(event: DriverEvent): string {
  return describe({ ...event, source: 'docker' }, plainStyle).words;
}

const plain: Paint = (text) => text;

function describe(event: AgentEvent, style: Style): { readonly words: string; readonly paint: Paint } {
  switch (event.type) {
    case 'created':
    case 'updated':
    case 'paused':
    case 'resumed':
      return { words: event.type, paint: plain };
    case 'removed':
      return { words: event.type, paint: style.dim };
    case 'started':
      return { words: event.type, paint: style.green };
    case 'ended': {
      const how = [event.exitCode === undefined ? '' : `exit code ${String(event.exitCode)}`, event.detail ?? ''];
      const told = how.filter(Boolean).map(printable).join(', ');
      return { words: `ended${told === '' ? '' : ` (${told})`}`, paint: event.exitCode === 0 ? plain : style.red };
    }
    case 'out-of-memory':
      return { words: 'ran out of memory', paint: style.red };
    case 'signalled':
      return { words: `was sent ${printable(event.detail ?? 'a signal')}`, paint: style.yellow };
    case 'health':
      return {
        words: `${event.health ?? 'health'}${event.detail === undefined ? '' : `: ${printable(event.detail)}`}`,
        paint: event.health === 'healthy' ? style.green : style.red,
      };
    case 'disconnected':
      return { words: `lost: ${printable(event.message)}; trying again`, paint: style.red };
    case 'reconnected':
      return { words: printable(event.message), paint: style.green };
    case 'egress-denied': {
      const { host, port, reason = 'not allowed', count } = event;
      const where = host === '' ? `port ${String(port)}` : `${host}:${String(port)}`;
      const times = count === 1 ? '' : ` (${String(count)} times)`;
      return { words: `was denied ${printable(where)}${times}: ${printable(reason)}`, paint: style.red };
    }
    case 'apply-started':
      return { words: `${printable(event.user)} began \`${printable(event.command)}\``, paint: style.bold };
    case 'apply-finished':
      return { words: ended[event.status], paint: event.status === 'succeeded' ? style.bold : style.red };
    case 'step-finished': {
      const code = event.code === undefined ? '' : ` (${event.code})`;
      return { words: `${event.verb} ${event.status}${code}`, paint: event.status === 'succeeded' ? plain : style.red };
    }
    case 'dependency-unwell':
      return { words: `depends on ${printable(labelOf(event.dependency))}, which is not well`, paint: style.yellow };
    case 'gave-up':
      return { words: `restarted no more: ${printable(event.because)}`, paint: style.red };
    case 'rolled-back': {
      const why = `its rollout failed as revision ${String(event.failed)}`;
      return { words: `back to revision ${String(event.to)}: ${why}`, paint: style.yellow };
    }
    default:
      return assertNever(event);
  }
}

const ended = { succeeded: 'done', failed: 'ended with failures', interrupted: 'was interrupted' } as const;

function labelOf(address: Address): string {
  const parts = parseAddress(address);
  if (parts?.kind !== 'agent') return address;
  return parts.index === undefined ? parts.name : `${parts.name}/${String(parts.index)}`;
}
