import { parseAddress } from '../model/address.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { JsonObject } from '../util/json.ts';
import { agentRow } from './agents-table.ts';
import { reportFormatVersion, toDocument } from './document.ts';

/** What `aac run` has started, in one line: `3f2a1b4c5d6e  web  0.0.0.0:8080->80/tcp`. */
export function formatStarted(agent: ObservedResource): string {
  const { ports } = agentRow(agent, 0);
  return [idOf(agent), parseAddress(agent.address)?.name ?? agent.address, ports.join(', ')].join('  ').trimEnd();
}

/** The same as a document for programs. */
export function startedJson(agent: ObservedResource, now: number): JsonObject {
  return toDocument({ formatVersion: reportFormatVersion, type: 'run', id: idOf(agent), agent: agentRow(agent, now) });
}

/** As the engine's own command shortens it; a process is known by the name of its instance. */
function idOf({ driver, ref, name }: ObservedResource): string {
  return driver === 'process' ? name : ref.slice(0, 12);
}
