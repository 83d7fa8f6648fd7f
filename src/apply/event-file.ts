import { appendFile, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentEvent } from '../model/agent-event.ts';
import { isJsonObject, type Json } from '../util/json.ts';

/** Bytes above which the older half is given up: it is a memory for whoever looks, nothing depends on it. */
const largest = 512 * 1024;

/** What a watch has noticed of agents, beside what the journal holds: one JSON object a line. */
export interface EventFile {
  /** Writes behind what was appended before. */
  append(events: readonly AgentEvent[]): Promise<void>;
}

/** The event file of a state folder, which one watch writes at a time. */
export function openEventFile(folder: string): EventFile {
  let written: Promise<void> = Promise.resolve();
  return {
    append: (events) => {
      const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      written = written.catch(() => undefined).then(() => write(folder, text));
      return written;
    },
  };
}

/** Gives what has come to the file since it was asked last, the first time all of it; asks for little while nothing does. */
export function eventReader(folder: string): () => Promise<readonly AgentEvent[]> {
  let seen: string | undefined;
  let last = '';
  return async () => {
    const found = await stat(fileOf(folder)).catch(() => undefined);
    const stamp = found ? `${String(found.ino)} ${String(found.size)}` : undefined;
    if (stamp === undefined || stamp === seen) return [];
    seen = stamp;
    const lines = (await readFile(fileOf(folder), 'utf8').catch(() => '')).split('\n').slice(0, -1);
    const fresh = lines.slice(lines.lastIndexOf(last) + 1); // all of them where the last one was given up
    last = lines.at(-1) ?? last;
    return fresh.flatMap(parseEvent);
  };
}

async function write(folder: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = fileOf(folder);
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  if (size + text.length <= largest) {
    await appendFile(file, text, { mode: 0o600 });
    return;
  }
  const { default: writeFileAtomic } = await import('write-file-atomic');
  const before = await readFile(file, 'utf8');
  const kept = before.slice(before.indexOf('\n', before.length >> 1) + 1);
  await writeFileAtomic(file, kept + text, { mode: 0o600 });
}

function parseEvent(line: string): readonly AgentEvent[] {
  try {
    const event = JSON.parse(line) as Json;
    return isJsonObject(event) && typeof event.at === 'number' ? [event as unknown as AgentEvent] : [];
  } catch {
    return []; // cut off by a crash
  }
}

function fileOf(folder: string): string {
  return join(folder, 'events.jsonl');
}
