import { readJournal } from '../apply/journal.ts';
import { revisionsOf } from '../apply/revisions.ts';
import { templateOf } from '../model/address.ts';
import type { Plan } from '../model/plan.ts';
import type { RevisionOrigin } from '../model/revision.ts';
import { manifestHashes } from '../plan/manifest-hash.ts';
import { gitState } from './git-state.ts';
import { storeDesired, type ManifestSource, type RevisionSource } from './revision-store.ts';

/** Numbers the revision that begins and keeps what it asks for. The caller holds the workspace's lock. */
export async function recordOrigin(plan: Plan, folder: string, source: RevisionSource): Promise<RevisionOrigin> {
  const [entries, git] = await Promise.all([readJournal(folder), gitState(plan.scope.directory)]);
  const revision = (revisionsOf(entries).at(-1)?.revision ?? 0) + 1;
  const unstored = await storeDesired(folder, revision, source);
  const touched = plan.nodes.filter(({ step }) => step.kind === 'agent').map(({ step }) => templateOf(step.address));
  return {
    revision,
    ...(git ? { git } : {}),
    ...(unstored ? { unstored } : {}),
    manifests: typeof source === 'string' ? {} : manifestHashes(source.desired, touched),
    ...(typeof source === 'string' ? {} : rollbackOf(source)),
  };
}

function rollbackOf({ rollback }: ManifestSource): Pick<RevisionOrigin, 'rollbackTo' | 'abandoned'> {
  if (!rollback) return {};
  const { to, abandoned } = rollback;
  return { ...(to === undefined ? {} : { rollbackTo: to }), abandoned };
}
