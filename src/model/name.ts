import { hashJson } from '../util/hash.ts';
import { parseAddress, type Address } from './address.ts';
import type { SpecHash } from './desired.ts';

/**
 * The name of an agent's object: `<workspace>-<agent>-<index>-<hash8>`, the hash over the fields that force a
 * replacement and the generation. Deterministic, so that two applies of one plan collide on it instead of doubling the
 * agent, and a new generation can stand beside the old.
 */
export function agentObjectName(workspace: string, address: Address, specHash: SpecHash, generation: number): string {
  const parts = parseAddress(address);
  const suffix = hashJson({ specHash, generation }, 8);
  const name = parts === undefined ? address : parts.name;
  return [workspace, name, ...(parts?.index === undefined ? [] : [String(parts.index)]), suffix].join('-');
}

/** The name of a network or a volume: `<workspace>-<name>`. */
export function sharedObjectName(workspace: string, address: Address): string {
  return `${workspace}-${parseAddress(address)?.name ?? address}`;
}
