import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashText } from '../util/hash.ts';

/** The program of the edge, as it is shipped beside aac, and what tells its versions apart. */
export interface EdgeProgram {
  readonly text: string;
  readonly hash: string;
}

let known: EdgeProgram | undefined;

/** Read once; `undefined` where aac runs from sources that have not been built. */
export function edgeProgram(): EdgeProgram | undefined {
  if (known) return known;
  const file = findProgram(import.meta.dirname);
  if (file === undefined) return undefined;
  const text = readFileSync(file, 'utf8');
  known = { text, hash: hashText(text, 12) };
  return known;
}

/** Beside the bundle, or in `dist` above a source. */
function findProgram(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = [join(folder, 'edge.js'), join(folder, 'dist', 'edge.js')].find((candidate) => existsSync(candidate));
    if (file !== undefined || folder === dirname(folder)) return file;
  }
}
