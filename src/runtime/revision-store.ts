import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { TemplateAddress } from '../model/address.ts';
import type { DesiredState, ResourceTemplate } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { FieldPath } from '../model/field-path.ts';
import type { ValueReference } from '../model/reference.ts';
import { type ManifestHash, type RecordedRevision, type Revision, type Unstored } from '../model/revision.ts';
import { nowhere } from '../model/source.ts';
import { createRedactor } from '../report/redact.ts';
import { isJsonObject, type Json } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';

/** So many revisions of a workspace can be returned to. */
const kept = 50;

/** What a plan was made from, for the history; the reason where that is not known or not to be stored. */
export type RevisionSource = ManifestSource | Unstored;

/** The desired state that a plan was made from. */
export interface ManifestSource {
  readonly desired: DesiredState;
  readonly sensitive: () => readonly string[];
  /** For a rollback: the revision that the whole workspace returns to, and the manifests that are turned away from. */
  readonly rollback?: {
    readonly to?: number;
    readonly abandoned: Readonly<Record<TemplateAddress, ManifestHash>>;
  };
}

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
 * What a source asks for as it is stored, as JSON. Of manifests that hold a sensitive value in plain text only that is
 * said: nothing sensitive is stored.
 */
export function storable(source: RevisionSource): StoredDesired | Unstored {
  if (typeof source === 'string') return source;
  const { desired, sensitive } = source;
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
  return createRedactor(sensitive())(text) === text ? stored : 'sensitive';
}

const unstoredReasons = Object.keys({
  operation: true,
  removal: true,
  run: true,
  'saved-plan': true,
  sensitive: true,
} satisfies Readonly<Record<Unstored, true>>) as readonly Unstored[];

/** The reverse of {@link storable}; `undefined` for what it has not written. */
export function readStorable(document: Json | undefined): RevisionSource | undefined {
  if (typeof document === 'string') return unstoredReasons.find((reason) => reason === document);
  if (!isJsonObject(document) || !Array.isArray(document.templates)) return undefined;
  const { workspace, scope, templates } = document as unknown as StoredDesired;
  const read = templates.map(
    (template) =>
      [template.address, { ...template, references: new Map(template.references), source: nowhere }] as const,
  );
  return { desired: { workspace, scope, templates: new Map(read) }, sensitive: () => [] };
}

/** Keeps what a revision asked for, so that it can be returned to; the reason where that is not to be. */
export async function storeDesired(
  folder: string,
  revision: number,
  source: RevisionSource,
): Promise<Unstored | undefined> {
  const stored = storable(source);
  if (typeof stored === 'string') return stored;
  await mkdir(revisionsFolder(folder), { recursive: true, mode: 0o700 });
  await writeFileAtomic(fileOf(folder, revision), JSON.stringify(stored), { mode: 0o600 });
  await prune(folder, revision);
  return undefined;
}

/** What a revision asked for; `undefined` where that is not known here, or not any more. */
export async function storedDesired(folder: string, revision: number): Promise<DesiredState | undefined> {
  try {
    const source = readStorable(JSON.parse(await readFile(fileOf(folder, revision), 'utf8')) as Json);
    return typeof source === 'object' ? source.desired : undefined;
  } catch {
    return undefined;
  }
}

/** These revisions, and whether each can be returned to. */
export async function recordedRevisions(
  folder: string,
  revisions: readonly Revision[],
): Promise<readonly RecordedRevision[]> {
  const stored = await storedRevisions(folder);
  const newest = revisions.at(-1)?.revision ?? 0;
  return revisions.map((revision) => {
    if (stored.has(revision.revision)) return { ...revision, restorable: true };
    const unreturnable = revision.unstored ?? (revision.revision <= newest - kept ? 'old' : 'lost');
    return { ...revision, restorable: false, unreturnable };
  });
}

/** One of these revisions by its number. */
export async function findRevision(
  folder: string,
  revisions: readonly Revision[],
  asked: number,
): Promise<Result<RecordedRevision, readonly Diagnostic[]>> {
  const found = (await recordedRevisions(folder, revisions)).find(({ revision }) => revision === asked);
  return found ? ok(found) : err([unknownRevision(asked, revisions)]);
}

/** That nothing was applied under a number, and what to do. */
export function unknownRevision(asked: number, revisions: readonly Revision[]): Diagnostic {
  const last = revisions.at(-1)?.revision;
  return {
    code: 'unknown-revision',
    severity: 'error',
    message: `there is no revision ${String(asked)}`,
    hint:
      last === undefined
        ? 'nothing was applied from this machine yet'
        : `the last one is ${String(last)}; \`aac history\` lists them`,
  };
}

async function storedRevisions(folder: string): Promise<ReadonlySet<number>> {
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
