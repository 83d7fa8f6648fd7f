import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What the watch of a workspace holds back at the moment, in lines for people. */
export interface WatchNotes {
  readonly format: 1;
  readonly waiting: readonly string[];
}

/** What is held back; nothing where no watch has said so. It means nothing once that watch has ended. */
export async function readWatchNotes(stateFolder: string): Promise<WatchNotes> {
  try {
    const found = JSON.parse(await readFile(fileOf(stateFolder), 'utf8')) as Partial<WatchNotes>;
    if (found.format === 1 && Array.isArray(found.waiting)) return { format: 1, waiting: found.waiting };
  } catch (error) {
    if (!(error instanceof SyntaxError) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return { format: 1, waiting: [] };
}

/** Keeps what is held back from now on. */
export async function writeWatchNotes(stateFolder: string, waiting: readonly string[]): Promise<void> {
  if (waiting.length === 0) {
    await rm(fileOf(stateFolder), { force: true });
    return;
  }
  const { default: writeFileAtomic } = await import('write-file-atomic');
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  await writeFileAtomic(fileOf(stateFolder), `${JSON.stringify({ format: 1, waiting })}\n`, { mode: 0o600 });
}

function fileOf(stateFolder: string): string {
  return join(stateFolder, 'watch-notes.json');
}
