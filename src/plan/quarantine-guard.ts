import { templateOf, type Address, type TemplateAddress } from '../model/address.ts';
import { undeclaredManifest, type ManifestHash } from '../model/revision.ts';
import { leaveAsIs, type Decision } from './decision.ts';
import { manifestHashOf } from './manifest-hash.ts';

/** Manifests that failed or were turned away from, and what to do about them. */
export interface QuarantineGuard {
  /** By agent: the manifest, and why in the words of a note, and what whoever plans can do. */
  readonly manifests: ReadonlyMap<TemplateAddress, QuarantineEntry>;
  /** A watch leaves them alone; a person is only told. */
  readonly binds: boolean;
}

/** A manifest in quarantine. */
export interface QuarantineEntry {
  readonly manifest: ManifestHash;
  /** `its rollout failed as revision 2`. */
  readonly why: string;
  readonly remedy?: string;
}

/** Leaves an agent as it is whose manifest is in quarantine, or says so. */
export function quarantine(decision: Decision, guard: QuarantineGuard | undefined): Decision {
  const entry = guard && entryOf(decision, guard);
  if (!entry) return decision;
  const { why, remedy } = entry;
  if (guard.binds && decision.action !== 'no-op')
    return leaveAsIs(decision, `left as it is until its manifest changes: ${why}`);
  return { ...decision, notes: [...decision.notes, remedy === undefined ? why : `${why}: ${remedy}`] };
}

/** An agent whose manifest is in quarantine, and why it is. */
export interface GoingOn {
  readonly address: Address;
  readonly why: string;
}

/** What a plan would try once more, or leave ailing, although its manifest is in quarantine. */
export function goingOn(decisions: readonly Decision[], guard: QuarantineGuard | undefined): readonly GoingOn[] {
  if (!guard) return [];
  return decisions.flatMap((decision) => {
    const entry = entryOf(decision, guard);
    return entry ? [{ address: decision.address, why: entry.why }] : [];
  });
}

/** The entry that a decision concerns: it does something, or what stands is not well. */
function entryOf(decision: Decision, { manifests }: QuarantineGuard): QuarantineEntry | undefined {
  const { kind, action, address, desired } = decision;
  if (kind !== 'agent' || (action === 'no-op' && !isAiling(decision))) return undefined;
  const entry = manifests.get(templateOf(address));
  if (!entry) return undefined;
  return entry.manifest === (desired ? manifestHashOf(desired.template) : undeclaredManifest) ? entry : undefined;
}

/** What stands is as the manifest says, and still not well. */
function isAiling({ current }: Decision): boolean {
  return (
    current !== undefined && (current.phase !== 'running' || current.health === 'unhealthy' || current.restarts > 0)
  );
}
