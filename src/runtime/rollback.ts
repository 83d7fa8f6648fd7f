import type { TemplateAddress } from '../model/address.ts';
import type { DesiredState } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { formatReference, type ValueReader } from '../model/reference.ts';
import type { ManifestHash, RecordedRevision, Revision } from '../model/revision.ts';
import { manifestHashes } from '../plan/manifest-hash.ts';
import { unreturnableReasons } from '../report/history.ts';
import { equalJson } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import { recordedRevisions, storedDesired, unknownRevision } from './revision-store.ts';
import type { Workspace } from './workspace.ts';

/** A workspace as an earlier revision asked for it. */
export interface Rollback {
  readonly target: Revision;
  /** The same workspace with that revision's desired state in place of the manifests'. */
  readonly workspace: Workspace;
  /** The manifests of now that it turns away from. */
  readonly abandoned: Readonly<Record<TemplateAddress, ManifestHash>>;
}

/**
 * The revision to return to: the one that is named, else the newest that succeeded and asked for other
 * agents than the last one. What it asked for is planned like manifests are; the values behind its references are those of now.
 */
export async function openRollback(
  workspace: Workspace,
  asked: number | undefined,
): Promise<Result<Rollback, readonly Diagnostic[]>> {
  const { stateFolder, history } = workspace;
  const revisions = await recordedRevisions(stateFolder, history.revisions);
  const found =
    asked === undefined
      ? await earlierRevision(stateFolder, revisions)
      : revisions.find(({ revision }) => revision === asked);
  if (!found) return err([asked === undefined ? noEarlier(revisions) : unknownRevision(asked, revisions)]);
  const desired = found.restorable ? await storedDesired(stateFolder, found.revision) : undefined;
  if (!desired) return err([cannotReturn(found, revisions)]);
  const { values, checkReferences: _, selection: __, ...reading } = workspace.reading;
  const checkReferences = (): Promise<readonly Diagnostic[]> => checkStored(desired, values);
  return ok({
    target: found,
    abandoned: workspace.desired ? differing(workspace.desired, desired) : {},
    workspace: { ...workspace, desired, diagnostics: [], reading: { ...reading, values, checkReferences } },
  });
}

async function earlierRevision(
  folder: string,
  revisions: readonly RecordedRevision[],
): Promise<RecordedRevision | undefined> {
  let now: DesiredState | undefined; // what the last revision asked for that came from manifests
  for (const revision of revisions.filter(({ restorable }) => restorable).reverse()) {
    const desired = await storedDesired(folder, revision.revision);
    if (!desired) continue;
    now ??= desired;
    if (revision.status === 'succeeded' && Object.keys(differing(now, desired)).length > 0) return revision;
  }
  return undefined;
}

/** The agents whose manifests differ, with the hash they have in `from`. */
function differing(from: DesiredState, to: DesiredState): Readonly<Record<TemplateAddress, ManifestHash>> {
  const agents = [...from.templates.values(), ...to.templates.values()].filter(({ kind }) => kind === 'agent');
  const addresses = agents.map(({ address }) => address);
  const [before, after] = [manifestHashes(from, addresses), manifestHashes(to, addresses)];
  return Object.fromEntries(
    Object.entries(before).filter(([address, hash]) => !equalJson(hash, after[address as TemplateAddress])),
  );
}

/** What of the values that a revision names cannot be read any more. */
export async function checkStored(
  { templates }: Pick<DesiredState, 'templates'>,
  values: ValueReader,
): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const { address, references } of templates.values()) {
    for (const reference of references.values()) {
      if ((await values.read(reference)) !== undefined) continue;
      const message = `\`${formatReference(reference)}\` of \`${address}\` cannot be read any more`;
      found.push({ code: 'secret-not-found', severity: 'error', message, address });
    }
  }
  return found;
}

function noEarlier(revisions: readonly Revision[]): Diagnostic {
  return {
    code: 'unknown-revision',
    severity: 'error',
    message: 'there is no earlier revision that succeeded and asked for anything else',
    hint: revisions.length === 0 ? 'nothing was applied from this machine yet' : '`aac history` lists the revisions',
  };
}

function cannotReturn(revision: RecordedRevision, revisions: readonly RecordedRevision[]): Diagnostic {
  const { revision: number, unreturnable = 'lost' } = revision;
  return {
    code: 'unknown-revision',
    severity: 'error',
    message: `revision ${String(number)} cannot be returned to: ${unreturnableReasons[unreturnable]}`,
    hint: insteadOf(revision, revisions),
  };
}

/** The way to what stood after a revision: the last before it that asked for something, else its manifests. */
function insteadOf({ revision, unreturnable, git }: RecordedRevision, revisions: readonly RecordedRevision[]): string {
  const before = revisions.filter((other) => other.restorable && other.revision < revision).at(-1);
  const asksForNothing = unreturnable === 'operation' || unreturnable === 'run';
  if (asksForNothing && before) return `what stood then is what revision ${String(before.revision)} asked for`;
  if (unreturnable === 'removal') return '`aac destroy` takes everything away';
  return git && !git.dirty
    ? `apply its manifests again: they are those of commit ${git.commit}`
    : 'apply its manifests again';
}
