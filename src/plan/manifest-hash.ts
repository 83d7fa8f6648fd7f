import type { DesiredState, ResourceTemplate } from '../model/desired.ts';
import type { TemplateAddress } from '../model/address.ts';
import { undeclaredManifest, type ManifestHash } from '../model/revision.ts';
import { hashJson } from '../util/hash.ts';
import type { Json } from '../util/json.ts';

/** The hash of a resolved manifest; references count as what they name, not as what they hold. */
export function manifestHashOf({ driver, spec, readiness, rollout, replicas }: ResourceTemplate): ManifestHash {
  return hashJson({ driver, spec, readiness, rollout, replicas } as unknown as Json, 16);
}

/** The hashes of the agents of a desired state that are named. */
export function manifestHashes(
  { templates }: Pick<DesiredState, 'templates'>,
  addresses: Iterable<TemplateAddress>,
): Readonly<Record<TemplateAddress, ManifestHash>> {
  const hashOf = (address: TemplateAddress): ManifestHash => {
    const template = templates.get(address);
    return template ? manifestHashOf(template) : undeclaredManifest;
  };
  return Object.fromEntries([...new Set(addresses)].sort().map((address) => [address, hashOf(address)]));
}
