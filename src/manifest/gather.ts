import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Variables } from './interpolate.ts';
import { unreadable } from './load.ts';
import { locate, type Place } from './locate.ts';

/** An env file of a project and where the project names it. */
export interface EnvFile {
  /** Relative to the project root, or absolute. */
  readonly path: string;
  readonly place: Place;
}

/** What manifests may refer to. */
export interface Gathered {
  readonly variables: Variables;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a project's env files; a later one wins over an earlier, the caller's environment over all. A file that does
 * not exist is a warning, as everything may be in the environment; one that cannot be read is an error.
 */
export async function gather(root: string, files: readonly EnvFile[], environment: Variables): Promise<Gathered> {
  const diagnostics: Diagnostic[] = [];
  const layers = await Promise.all(
    files.map(async ({ path, place }): Promise<Variables> => {
      try {
        return parseEnv(await readFile(join(path.startsWith('/') ? '/' : root, path), 'utf8'));
      } catch (error) {
        const { code, severity, message } = unreadable(path, error);
        const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        diagnostics.push({ code, severity: absent ? 'warning' : severity, message, range: locate(place) });
        return {};
      }
    }),
  );
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined));
  return { variables: Object.assign({}, ...layers, given) as Variables, diagnostics };
}
