import { templateOf, type TemplateAddress } from '../model/address.ts';
import type { ManifestHash, Revision, RevisionStep } from '../model/revision.ts';
import { groupBy } from '../util/group.ts';

/** A manifest that a watch leaves alone until it changes, and the revision that is why. */
export interface Quarantined {
  readonly manifest: ManifestHash;
  readonly revision: number;
  /** Its rollout failed, or somebody went back to an earlier revision. */
  readonly reason: 'failed' | 'rolled-back';
}

/** By agent; at most one manifest of each is in quarantine, the last. */
export type Quarantine = ReadonlyMap<TemplateAddress, Quarantined>;

/**
 * Which manifests are in quarantine after these revisions, the oldest first. A manifest gets there when its agent was
 * brought up and did not start or get ready, or when a rollback turned away from it; it leaves when a later apply, which
 * only a person begins, succeeds with that agent. Another manifest is no matter of the quarantine.
 */
export function quarantineOf(revisions: readonly Revision[]): Quarantine {
  const quarantine = new Map<TemplateAddress, Quarantined>();
  for (const { revision, steps, manifests, abandoned = {} } of revisions) {
    const byAgent = groupBy(steps, ({ address }) => templateOf(address));
    for (const [name, manifest] of Object.entries(manifests)) {
      const template = name as TemplateAddress;
      const own = byAgent.get(template) ?? [];
      if (own.some(failsRollout)) quarantine.set(template, { manifest, revision, reason: 'failed' });
      else if (own.length > 0 && own.every(({ status }) => status === 'succeeded')) quarantine.delete(template);
    }
    for (const [name, manifest] of Object.entries(abandoned)) {
      quarantine.set(name as TemplateAddress, { manifest, revision, reason: 'rolled-back' });
    }
  }
  return quarantine;
}

/** Whether this manifest of an agent is one that a watch must not apply. */
export function isQuarantined(quarantine: Quarantine, template: TemplateAddress, manifest: ManifestHash): boolean {
  return quarantine.get(template)?.manifest === manifest;
}

/** What has failed for a reason that trying again will not mend: not an engine that was away, nor a world that moved. */
function failsRollout({ verb, status, code }: RevisionStep): boolean {
  if (status !== 'failed' || (verb !== 'wait' && verb !== 'start')) return false;
  return code !== 'unreachable' && code !== 'moved' && code !== 'aborted';
}
