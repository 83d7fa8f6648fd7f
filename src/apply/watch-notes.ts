import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Address, TemplateAddress } from '../model/address.ts';
import type { ChangeAction } from '../model/plan.ts';

/** A change that a watch holds back, for programs; `until` is ISO 8601, UTC. */
export interface WaitingChange {
  readonly address: Address;
  readonly action: ChangeAction;
  /** `suspended`, `window`, `quarantine` and so on. */
  readonly reason: string;
  readonly until?: string;
}

/** An agent that runs as revision `to` asked for, as the rollout of its manifest failed as revision `failed`. */
export interface RolledBackAgent {
  readonly address: TemplateAddress;
  readonly to: number;
  readonly failed: number;
}

/** What the watch of a workspace does not do as the manifests say at the moment. */
export interface WatchNotes {
  readonly format: 1;
  /** In lines for people. */
  readonly waiting: readonly string[];
  readonly held: readonly WaitingChange[];
  readonly rolledBack: readonly RolledBackAgent[];
}

const nothing: WatchNotes = { format: 1, waiting: [], held: [], rolledBack: [] };

/** What is held back; nothing where no watch has said so. It means nothing once that watch has ended. */
export async function readWatchNotes(stateFolder: string): Promise<WatchNotes> {
  try {
    const found = JSON.parse(await readFile(fileOf(stateFolder), 'utf8')) as Partial<WatchNotes>;
    if (found.format === 1 && Array.isArray(found.waiting)) return { ...nothing, ...found };
  } catch (error) {
    if (!(error instanceof SyntaxError) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return nothing;
}

/** Keeps what is held back from now on. */
export async function writeWatchNotes(stateFolder: string, notes: Omit<WatchNotes, 'format'>): Promise<void> {
  if (notes.waiting.length === 0) {
    await rm(fileOf(stateFolder), { force: true });
    return;
  }
  const { default: writeFileAtomic } = await import('write-file-atomic');
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  await writeFileAtomic(fileOf(stateFolder), `${JSON.stringify({ format: 1, ...notes })}\n`, { mode: 0o600 });
}

function fileOf(stateFolder: string): string {
  return join(stateFolder, 'watch-notes.json');
}
