import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

/** Where a command was found, or what is wrong with it. */
export type FoundCommand =
  | { readonly status: 'found'; readonly path: string }
  | { readonly status: 'not-found' }
  | { readonly status: 'not-executable'; readonly path: string };

/**
 * The absolute path of a command: of one with a `/` relative to `folder`, of any other in the folders of `path`. A
 * shell would take its own built-in commands first; this does not.
 */
export async function findCommand(command: string, folder: string, path: string): Promise<FoundCommand> {
  const candidates = command.includes('/')
    ? [resolve(folder, command)]
    : path.split(delimiter).map((entry) => join(resolve(folder, entry), command));
  let refused: string | undefined;
  for (const candidate of command === '' ? [] : candidates) {
    const kind = await kindOf(candidate);
    if (kind === 'executable') return { status: 'found', path: candidate };
    if (kind === 'other') refused ??= candidate;
  }
  return refused === undefined ? { status: 'not-found' } : { status: 'not-executable', path: refused };
}

async function kindOf(path: string): Promise<'executable' | 'other' | 'absent'> {
  try {
    if (!(await stat(path)).isFile()) return 'other';
  } catch {
    return 'absent'; // or in a folder that may not be entered, which is the same to whoever wants to run it
  }
  try {
    await access(path, constants.X_OK);
    return 'executable';
  } catch {
    return 'other';
  }
}
