import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { EdgeDocument } from '../model/edge.ts';
import { emptyDocument, type Store } from './store.ts';

/** Milliseconds between two looks at the file. */
const lookEvery = 200;

/** A document that whoever keeps the edge gives it: as a variable from the start, and in a file once it has changed. */
export interface GivenDocument {
  readonly file: string;
  /** The text of the variable. */
  readonly given: string;
  /** The name servers, as they are the machine's affair; absent: those of the document. */
  readonly resolvers: readonly string[] | undefined;
}

/** Reads what is given, the file first; nothing is ever written. */
export function givenStore(document: GivenDocument): Store {
  return {
    load: async () => read((await fileOf(document)) ?? document.given, document),
    save: async () => undefined,
  };
}

/** Hands the document on whenever the file has changed, until the signal is aborted. What is half written is let be. */
export async function followGiven(
  document: GivenDocument,
  take: (document: EdgeDocument) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  let known: string | undefined;
  for (;;) {
    await delay(lookEvery, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    const text = await fileOf(document);
    if (text === undefined || text === known) continue;
    try {
      await take(read(text, document));
      known = text;
    } catch {
      // it is being written: the next look finds it whole
    }
  }
}

function read(text: string, { resolvers }: GivenDocument): EdgeDocument {
  const written = JSON.parse(text) as Partial<EdgeDocument>;
  return { ...emptyDocument, ...written, ...(resolvers ? { resolvers } : {}) };
}

function fileOf({ file }: GivenDocument): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
