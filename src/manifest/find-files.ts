import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isIgnoredFolder, isManifestName, isProjectFile } from './manifest-names.ts';

/** What a search found. Paths are absolute. */
export interface Found {
  readonly manifests: readonly string[];
  /** Folders and links that could not be read: what they hold is unknown, not absent. */
  readonly unreadable: readonly { readonly path: string; readonly error: unknown }[];
}

/**
 * Searches a directory for manifests, folders below it too when `recursive`. Links to files count, links to folders
 * are not followed, and paths come in no order. A folder below that has a project file of its own gives that file alone: it is another project.
 */
export async function findFiles(
  directory: string,
  options: { readonly recursive: boolean; readonly signal?: AbortSignal | undefined },
): Promise<Found> {
  const manifests: string[] = [];
  const unreadable: { path: string; error: unknown }[] = [];
  const visit = async (folder: string): Promise<void> => {
    options.signal?.throwIfAborted();
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      unreadable.push({ path: folder, error });
      return [];
    });
    const nested = folder === directory ? undefined : entries.find((entry) => isProjectFile(entry.name));
    if (nested) {
      manifests.push(join(folder, nested.name));
      return;
    }
    // the thread pool bounds what is open at once
    await Promise.all(
      entries.map(async (entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
          if (options.recursive && !isIgnoredFolder(entry.name)) await visit(path);
        } else if (isManifestName(entry.name) && (entry.isFile() || (await leadsToFile(path)))) {
          manifests.push(path);
        }
      }),
    );
  };
  const leadsToFile = async (path: string): Promise<boolean> => {
    try {
      return (await stat(path)).isFile();
    } catch (error) {
      unreadable.push({ path, error });
      return false;
    }
  };
  await visit(directory);
  return { manifests, unreadable };
}
