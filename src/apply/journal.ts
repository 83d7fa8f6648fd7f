import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok, type Result } from '../util/result.ts';
import { currentActor } from './actor.ts';
import type { JournalEntry, JournalEvent } from './journal-entry.ts';

/** An append-only memory of applies: losing it loses history, never correctness. */
export interface Journal extends AsyncDisposable {
  /** Writes behind what was appended before; neither waits nor fails. */
  append(event: JournalEvent): void;
  /** Waits for all that was appended. The error is the first that kept an entry from being written. */
  flush(): Promise<Result<void, Error>>;
}

/** The journal's file in a state folder: one JSON object a line. */
export function journalFile(folder: string): string {
  return join(folder, 'journal.jsonl');
}

/** Opens the journal of a state folder to append to, and makes both, for their owner's eyes only, where need be. */
export async function openJournal(folder: string): Promise<Journal> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await open(journalFile(folder), 'a+', 0o600);
  const actor = { ...currentActor(), pid: process.pid };
  let apply = randomUUID();
  let failure: Error | undefined;
  let written = separate(file);
  const write = (line: string) => {
    written = written
      .then(() => file.appendFile(line))
      .catch((error: unknown) => {
        failure ??= error instanceof Error ? error : new Error(String(error));
      });
  };
  const flush = async () => {
    await written;
    return failure ? err(failure) : ok(undefined);
  };
  return {
    append: (event) => {
      const isFirst = event.type === 'apply-started' || event.type === 'forgotten';
      if (isFirst) apply = randomUUID();
      const entry: JournalEntry = isFirst ? { ...event, apply, ...actor } : { ...event, apply };
      write(`${JSON.stringify(entry)}\n`);
    },
    flush,
    [Symbol.asyncDispose]: async () => {
      await flush();
      await file.close();
    },
  };
}

/** All entries in the order they were written; none where there is no journal. What cannot be read as one is left out. */
export async function readJournal(folder: string): Promise<readonly JournalEntry[]> {
  const text = await readFile(journalFile(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap(parseEntry);
}

/** A line that was cut off by a crash is ended, so that it does not spoil the next. */
async function separate(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  if (size === 0) return;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  if (buffer.toString() !== '\n') await file.appendFile('\n');
}

const entryTypes: ReadonlySet<unknown> = new Set<JournalEntry['type']>([
  'apply-started',
  'node-finished',
  'apply-finished',
  'forgotten',
]);

function parseEntry(line: string): readonly JournalEntry[] {
  try {
    const entry = JSON.parse(line) as unknown;
    return isEntry(entry) ? [entry] : [];
  } catch {
    return []; // torn by a crash, or the nothing after the last line break
  }
}

function isEntry(value: unknown): value is JournalEntry {
  return typeof value === 'object' && value !== null && entryTypes.has((value as { readonly type?: unknown }).type);
}
