import type { TemplateAddress } from '../model/address.ts';
import type { DesiredState } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { formatReference, type ValueReader } from '../model/reference.ts';
import type { ManifestHash, Revision } from '../model/revision.ts';
import { manifestHashes } from '../plan/manifest-hash.ts';
import { equalJson } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import { storedDesired } from './revision-store.ts';
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
  const { revisions } = workspace.history;
  const found =
    asked === undefined ? await earlierRevision(workspace) : revisions.find(({ revision }) => revision === asked);
  if (!found) return err([unknownRevision(asked, revisions)]);
  const desired = await storedDesired(workspace.stateFolder, found.revision);
  if (!desired) return err([notKept(found)]);
  const { values, checkReferences: _, selection: __, ...reading } = workspace.reading;
  const checkReferences = (): Promise<readonly Diagnostic[]> => checkStored(desired, values);
  return ok({
    target: found,
    abandoned: workspace.desired ? differing(workspace.desired, desired) : {},
    workspace: { ...workspace, desired, diagnostics: [], reading: { ...reading, values, checkReferences } },
  });
}

async function earlierRevision({ history, stateFolder }: Workspace): Promise<Revision | undefined> {
  let now: DesiredState | undefined; // what the last revision asked for that came from manifests
  for (const revision of [...history.revisions].reverse()) {
    const desired = await storedDesired(stateFolder, revision.revision);
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
async function checkStored({ templates }: DesiredState, values: ValueReader): Promise<readonly Diagnostic[]> {
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

function unknownRevision(asked: number | undefined, revisions: readonly Revision[]): Diagnostic {
  const last = revisions.at(-1)?.revision;
  return {
    code: 'unknown-revision',
    severity: 'error',
    message:
      asked === undefined
        ? 'there is no earlier revision that succeeded and asked for anything else'
        : `there is no revision ${String(asked)}`,
    hint: last === undefined ? 'nothing was applied from this machine yet' : '`aac history` lists the revisions',
  };
}

function notKept({ revision, git }: Revision): Diagnostic {
  const { commit } = git ?? {};
  return {
    code: 'unknown-revision',
    severity: 'error',
    message: `what revision ${String(revision)} asked for is not kept on this machine`,
    hint:
      commit === undefined
        ? 'apply its manifests again'
        : `apply its manifests again: they are those of commit ${commit}`,
  };
}
