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

/**
 * What these manifests could be rolled back to, of those that are in quarantine because their rollout failed. One with
 * which the agent had been applied well, and that failed as a replica was made anew or added, has been rolled out:
 * nothing says that another manifest would do better. Revisions are the oldest first.
 */
export function fallbacksOf(
  revisions: readonly Revision[],
  manifests: ReadonlyMap<TemplateAddress, ManifestHash>,
): readonly Fallback[] {
  if (manifests.size === 0) return [];
  const quarantine = quarantineOf(revisions);
  return [...manifests].flatMap(([template, manifest]) => {
    const entry = quarantine.get(template);
    if (entry?.manifest !== manifest) return [];
    const tries = triesOf(revisions, template);
    const last = tries.findLastIndex((each) => each.manifest === manifest);
    const failed = tries[last]?.revision ?? entry.revision;
    const since = tries.slice(0, last + 1).findLastIndex((each) => each.manifest !== manifest) + 1;
    if (tries.slice(since, last + 1).some(({ isGood }) => isGood)) return [];
    const good = tries.filter((each) => each.isGood && each.manifest !== manifest);
    const earlier = good.map((each): Earlier => {
      const before = good.findLast((other) => other.manifest === each.manifest && other.revision < failed);
      return { revision: each.revision, manifest: each.manifest, first: before?.revision ?? each.revision };
    });
    return [{ template, manifest, failed, hasBegun: entry.reason === 'rolled-back', earlier: earlier.reverse() }];
  });
}

/** A revision that did something about an agent. */
interface Try {
  readonly revision: number;
  readonly manifest: ManifestHash;
  /** All that it did about the agent succeeded. */
  readonly isGood: boolean;
}

function triesOf(revisions: readonly Revision[], template: TemplateAddress): readonly Try[] {
  return revisions.flatMap(({ revision, steps, manifests }) => {
    const own = steps.filter(({ address }) => templateOf(address) === template);
    const manifest = manifests[template];
    if (own.length === 0 || manifest === undefined) return [];
    return [{ revision, manifest, isGood: own.every(({ status }) => status === 'succeeded') }];
  });
}
