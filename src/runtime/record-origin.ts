import { readJournal } from '../apply/journal.ts';
import { revisionsOf } from '../apply/revisions.ts';
import { templateOf, type TemplateAddress } from '../model/address.ts';
import type { DesiredState } from '../model/desired.ts';
import type { Plan } from '../model/plan.ts';
import type { ManifestHash, RevisionOrigin } from '../model/revision.ts';
import { manifestHashes } from '../plan/manifest-hash.ts';
import { gitState } from './git-state.ts';
import { storeDesired } from './revision-store.ts';

/** What a plan was made from, for the history. */
export interface RevisionSource {
  readonly desired: DesiredState;
  readonly sensitive: () => readonly string[];
  /** For a rollback: the revision that is returned to, and the manifests that are turned away from. */
  readonly rollback?: {
    readonly to: number;
    readonly abandoned: Readonly<Record<TemplateAddress, ManifestHash>>;
  };
}

/** Numbers the revision that begins and keeps what it asks for. The caller holds the workspace's lock. */
export async function recordOrigin(
  plan: Plan,
  folder: string,
  source: RevisionSource | undefined,
): Promise<RevisionOrigin> {
  const [entries, git] = await Promise.all([readJournal(folder), gitState(plan.scope.directory)]);
  const revision = (revisionsOf(entries).at(-1)?.revision ?? 0) + 1;
  if (source) await storeDesired(folder, revision, source.desired, source.sensitive());
  const touched = plan.nodes.filter(({ step }) => step.kind === 'agent').map(({ step }) => templateOf(step.address));
  return {
    revision,
    ...(git ? { git } : {}),
    manifests: source ? manifestHashes(source.desired, touched) : {},
    ...(source?.rollback ? { rollbackTo: source.rollback.to, abandoned: source.rollback.abandoned } : {}),
  };
}
