import { eventReader } from '../apply/event-file.ts';
import { readJournal } from '../apply/journal.ts';
import type { JournalEntry } from '../apply/journal-entry.ts';
import { isEdge } from '../model/address.ts';
import type { AacEvent, AgentEvent } from '../model/agent-event.ts';
import { calledNow } from '../plan/renames.ts';
import type { Clock } from '../util/clock.ts';
import { edgesAmong } from './edges.ts';
import { FollowedDenials } from './follow-denials.ts';
import { listAgents } from './list-agents.ts';
import { isCalled } from './select-agents.ts';
import { usedDrivers } from './used-drivers.ts';
import type { Workspace } from './workspace.ts';

/** Which events. */
export interface EventRequest {
  /** From this time on, in milliseconds since the epoch, as far back as it is known; absent: from now on. */
  readonly since?: number;
}

/** How long an event waits for others that happened before it. */
const settling = 250;
/** How often the journal and the file of events are looked at. */
const fileInterval = 250;

/**
 * What happens to the agents of a workspace, those of the given names or all, in the order of time, until the signal is
 * aborted.
 */
export async function* followEvents(
  workspace: Workspace,
  names: readonly string[],
  { since }: EventRequest,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): AsyncGenerator<AgentEvent> {
  const over = new AbortController();
  const ends = AbortSignal.any([signal, over.signal]);
  const queue: AgentEvent[] = [];
  let wake = (): void => undefined;
  const now = calledNow(workspace.desired);
  const push = (told: AgentEvent): void => {
    const event = 'address' in told ? { ...told, address: now(told.address) } : told;
    if (!isWanted(event, names, since)) return;
    queue.push(event);
    wake();
  };
  ends.addEventListener('abort', () => wake(), { once: true });
  const followFile = async (read: () => Promise<readonly AgentEvent[]>): Promise<void> => {
    if (since === undefined) await read(); // what happened before
    while (!ends.aborted) {
      for (const event of await read()) push(event);
      await clock.sleep(fileInterval, ends).catch(() => undefined);
    }
  };
  const denials = new FollowedDenials({
    drivers: workspace.drivers,
    since: since ?? clock.now(),
    clock,
    signal: ends,
    push: (source, denial) => push({ source, ...denial }),
  });
  const openEdges = async (): Promise<void> => {
    const { agents } = await listAgents(workspace, [], ends);
    for (const edge of edgesAmong(agents)) denials.open(edge);
  };
  const sources = [
    followFile(journalReader(workspace.stateFolder)),
    followFile(eventReader(workspace.stateFolder)),
    openEdges(),
    denials.run(),
  ];
  for (const name of usedDrivers(workspace)) {
    const driver = await workspace.drivers.open(name);
    if (!driver?.events) continue;
    const told = driver.events(workspace.reading.project.workspace, {
      signal: ends,
      ...(since === undefined ? {} : { since }),
    });
    sources.push(
      (async () => {
        for await (const event of told) {
          push({ source: name, ...event });
          if (event.type === 'started' && isEdge(event.address)) denials.open({ driver: name, ref: event.ref });
        }
      })(),
    );
  }
  const failed = Promise.all(sources).then(() => new Promise<never>(() => undefined));
  try {
    while (!ends.aborted) {
      if (queue.length === 0) await Promise.race([failed, new Promise<void>((resolve) => (wake = resolve))]);
      if (!ends.aborted) await clock.sleep(settling, ends).catch(() => undefined);
      yield* queue.splice(0).sort((left, right) => left.at - right.at);
    }
  } finally {
    over.abort();
    await Promise.allSettled(sources);
  }
}

/** Reads what the journal has beyond what was read before. */
function journalReader(folder: string): () => Promise<readonly AgentEvent[]> {
  let told = 0;
  return async () => {
    const entries = await readJournal(folder);
    const fresh = entries.slice(told);
    told = entries.length;
    return fresh.flatMap((entry) => {
      const event = toEvent(entry);
      return event ? [{ source: 'aac' as const, ...event }] : [];
    });
  };
}

function isWanted(event: AgentEvent, names: readonly string[], since: number | undefined): boolean {
  if (since !== undefined && event.at < since) return false;
  if (names.length === 0) return true;
  if ('agent' in event) return names.some((name) => name.replace(/^agent\//, '').split('/')[0] === event.agent);
  return 'address' in event && names.some((name) => isCalled(event.address, name));
}

function toEvent(entry: JournalEntry): AacEvent | undefined {
  const at = Date.parse(entry.at);
  switch (entry.type) {
    case 'apply-started':
      return { type: entry.type, at, command: entry.command, user: entry.user, host: entry.host };
    case 'forgotten':
      return undefined; // nothing has happened to anything
    case 'apply-finished':
      return { type: entry.type, at, status: entry.status };
    case 'node-finished': {
      const { address, driver, name, verb, status, code } = entry;
      return {
        type: 'step-finished',
        at,
        address,
        driver,
        name,
        verb,
        status,
        ...(code === undefined ? {} : { code }),
      };
    }
  }
}
