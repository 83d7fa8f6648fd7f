import { templateOf, type TemplateAddress } from '../model/address.ts';
import type { ManifestHash, Revision } from '../model/revision.ts';
import { quarantineOf } from './quarantine.ts';

/** A manifest in quarantine, and the revisions that may hold what its agent ran well with before. */
export interface Fallback {
  readonly template: TemplateAddress;
  /** The manifest to turn away from. */
  readonly manifest: ManifestHash;
  /** The revision as which its rollout failed. */
  readonly failed: number;
  /** Whether a revision has gone back from it already. */
  readonly hasBegun: boolean;
  /** Where its agent was applied well with another manifest, the newest first. */
  readonly earlier: readonly Earlier[];
}

/** A revision as which an agent was applied well; `first` is what people call it: the last of its kind before the failure. */
export interface Earlier {
  readonly revision: number;
  readonly manifest: ManifestHash;
  readonly first: number;
}

/** What these manifests could be rolled back to, of those that are in quarantine. Revisions are the oldest first. */
export function fallbacksOf(
  revisions: readonly Revision[],
  manifests: ReadonlyMap<TemplateAddress, ManifestHash>,
): readonly Fallback[] {
  if (manifests.size === 0) return [];
  const quarantine = quarantineOf(revisions);
  return [...manifests].flatMap(([template, manifest]) => {
    const entry = quarantine.get(template);
    if (entry?.manifest !== manifest) return [];
    const tried = revisions.findLast((each) => each.manifests[template] === manifest);
    const earlier = revisions.flatMap(({ revision, steps, manifests: applied }) => {
      const own = steps.filter(({ address }) => templateOf(address) === template);
      const before = applied[template];
      const isGood = own.length > 0 && own.every(({ status }) => status === 'succeeded');
      return isGood && before !== undefined && before !== manifest ? [{ revision, manifest: before }] : [];
    });
    const failed = tried?.revision ?? entry.revision;
    const named = earlier.map((each): Earlier => {
      const before = earlier.findLast((other) => other.manifest === each.manifest && other.revision < failed);
      return { ...each, first: before?.revision ?? each.revision };
    });
    return [{ template, manifest, failed, hasBegun: entry.reason === 'rolled-back', earlier: named.reverse() }];
  });
}
