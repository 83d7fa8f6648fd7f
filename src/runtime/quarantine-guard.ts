import { quarantineOf } from '../apply/quarantine.ts';
import type { Revision } from '../model/revision.ts';
import type { QuarantineGuard } from '../plan/quarantine-guard.ts';

/** The guard that the history of a workspace makes; `binds` for a watch, which may not decide otherwise. */
export function quarantineGuard(revisions: readonly Revision[], binds: boolean): QuarantineGuard {
  const entries = [...quarantineOf(revisions)].map(([address, { manifest, revision, reason }]) => {
    const why =
      reason === 'failed'
        ? `its rollout failed as revision ${String(revision)}`
        : `revision ${String(revision)} went back from it`;
    return [address, { manifest, why }] as const;
  });
  return { manifests: new Map(entries), binds };
}
