import { templateOf, type TemplateAddress } from '../model/address.ts';
import { undeclaredManifest, type ManifestHash } from '../model/revision.ts';
import { leaveAsIs, type Decision } from './decision.ts';
import { manifestHashOf } from './manifest-hash.ts';

/** Manifests that failed or were turned away from, and what to do about them. */
export interface QuarantineGuard {
  /** By agent: the manifest, and why in the words of a note. */
  readonly manifests: ReadonlyMap<TemplateAddress, { readonly manifest: ManifestHash; readonly why: string }>;
  /** A watch leaves them alone; a person is only told. */
  readonly binds: boolean;
}

/** Leaves an agent as it is whose manifest is in quarantine, or says so. */
export function quarantine(decision: Decision, guard: QuarantineGuard | undefined): Decision {
  if (!guard || decision.kind !== 'agent' || (decision.action === 'no-op' && !isAiling(decision))) return decision;
  const entry = guard.manifests.get(templateOf(decision.address));
  if (!entry) return decision;
  const manifest = decision.desired ? manifestHashOf(decision.desired.template) : undeclaredManifest;
  if (manifest !== entry.manifest) return decision;
  if (guard.binds && decision.action !== 'no-op')
    return leaveAsIs(decision, `left as it is until its manifest changes: ${entry.why}`);
  return { ...decision, notes: [...decision.notes, entry.why] };
}

/** What stands is as the manifest says, and still not well. */
function isAiling({ current }: Decision): boolean {
  return (
    current !== undefined && (current.phase !== 'running' || current.health === 'unhealthy' || current.restarts > 0)
  );
}
