import { quarantineOf, type Quarantined } from '../apply/quarantine.ts';
import type { Revision } from '../model/revision.ts';
import type { QuarantineEntry, QuarantineGuard } from '../plan/quarantine-guard.ts';

/** The guard that the history of a workspace makes; `binds` for a watch, which may not decide otherwise. */
export function quarantineGuard(revisions: readonly Revision[], binds: boolean): QuarantineGuard {
  const entries = [...quarantineOf(revisions)].map(([address, entry]) => [address, guarded(entry)] as const);
  return { manifests: new Map(entries), binds };
}

function guarded({ manifest, revision, reason }: Quarantined): QuarantineEntry {
  switch (reason) {
    case 'failed': {
      const why = `its rollout failed as revision ${String(revision)}`;
      return { manifest, why, remedy: 'change its manifest, or go back with `aac rollback`' };
    }
    case 'rolled-back':
      return { manifest, why: `revision ${String(revision)} went back from it` };
  }
}
