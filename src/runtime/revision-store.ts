import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { TemplateAddress } from '../model/address.ts';
import type { DesiredState, ResourceTemplate } from '../model/desired.ts';
import type { FieldPath } from '../model/field-path.ts';
import type { ValueReference } from '../model/reference.ts';
import { nowhere } from '../model/source.ts';
import { createRedactor } from '../report/redact.ts';

/** So many revisions of a workspace can be returned to. */
const kept = 50;

/** A desired state as it is stored: resolved, references in place of values, without places in files. */
interface StoredDesired {
  readonly formatVersion: '1.0';
  readonly workspace: string;
  readonly scope: DesiredState['scope'];
  readonly templates: readonly (Omit<ResourceTemplate, 'source' | 'references'> & {
    readonly references: readonly (readonly [FieldPath, ValueReference])[];
  })[];
}

/**
 * Keeps what a revision asked for, so that it can be returned to. A manifest that holds a sensitive value in plain text
 * is not kept: nothing sensitive is stored.
 */
export async function storeDesired(
  folder: string,
  revision: number,
  desired: DesiredState,
  sensitive: readonly string[],
): Promise<void> {
  const stored: StoredDesired = {
    formatVersion: '1.0',
    workspace: desired.workspace,
    scope: desired.scope,
    templates: [...desired.templates.values()].map(({ source: _, references, ...template }) => ({
      ...template,
      references: [...references],
    })),
  };
  const text = JSON.stringify(stored);
  if (createRedactor(sensitive)(text) !== text) return;
  await mkdir(revisionsFolder(folder), { recursive: true, mode: 0o700 });
  await writeFileAtomic(fileOf(folder, revision), text, { mode: 0o600 });
  await prune(folder, revision);
}

/** What a revision asked for; `undefined` where that is not known here, or not any more. */
export async function storedDesired(folder: string, revision: number): Promise<DesiredState | undefined> {
  try {
    const stored = JSON.parse(await readFile(fileOf(folder, revision), 'utf8')) as StoredDesired;
    const templates = stored.templates.map(
      (template) =>
        [template.address, { ...template, references: new Map(template.references), source: nowhere }] as const,
    );
    return {
      workspace: stored.workspace,
      scope: stored.scope,
      templates: new Map<TemplateAddress, ResourceTemplate>(templates),
    };
  } catch {
    return undefined;
  }
}

/** The revisions that can be returned to. */
export async function storedRevisions(folder: string): Promise<ReadonlySet<number>> {
  const files = await readdir(revisionsFolder(folder)).catch(() => []);
  return new Set(files.flatMap((file) => (/^\d+\.json$/.test(file) ? [Number.parseInt(file, 10)] : [])));
}

async function prune(folder: string, newest: number): Promise<void> {
  for (const revision of await storedRevisions(folder)) {
    if (revision <= newest - kept) await rm(fileOf(folder, revision), { force: true });
  }
}

function revisionsFolder(folder: string): string {
  return join(folder, 'revisions');
}

function fileOf(folder: string, revision: number): string {
  return join(revisionsFolder(folder), `${String(revision)}.json`);
}
