import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { edgeFormat, type EdgeDocument } from '../model/edge.ts';

/** An edge that listens nowhere and lets nobody out. */
export const emptyDocument: EdgeDocument = {
  formatVersion: edgeFormat,
  resolvers: [],
  routes: {},
  names: {},
  targets: {},
  clients: {},
};

/** Where the document is kept between restarts. */
export interface Store {
  /** The document that was kept; the empty one where none was. One that cannot be read is an error. */
  load(): Promise<EdgeDocument>;
  save(document: EdgeDocument): Promise<void>;
}

/** Keeps the document in a file, whole at any moment. */
export function fileStore(file: string): Store {
  return {
    load: async () => {
      try {
        return JSON.parse(await readFile(file, 'utf8')) as EdgeDocument;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return emptyDocument;
        throw error;
      }
    },
    save: (document) => writeFileAtomic(file, `${JSON.stringify(document)}\n`, { mode: 0o600 }),
  };
}
