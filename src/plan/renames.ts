import { agentAddress, agentTemplate, parseAddress, type Address, type TemplateAddress } from '../model/address.ts';
import type { DesiredState } from '../model/desired.ts';
import type { ObservedResource } from '../model/observed.ts';

/** From the names that agents had before to those that they are declared under. */
type Renames = ReadonlyMap<string, string>;

/**
 * Has what stands under the previous name of a declared agent count as that agent's, replica by replica. Its record
 * goes on saying the old address, as records cannot be rewritten.
 */
export function adoptRenamed(
  objects: readonly ObservedResource[],
  desired: DesiredState | undefined,
): readonly ObservedResource[] {
  const renames = desired ? renamesOf(desired) : new Map<never, never>();
  if (!desired || renames.size === 0) return objects;
  const { scope } = desired;
  return objects.map((object) => {
    const { record } = object;
    if (scope.type === 'directory' && record.directory !== scope.directory) return object;
    const dependsOn = record.dependsOn.map((address) => renamedTemplate(address, renames));
    return { ...object, address: renamedAddress(object.address, renames), record: { ...record, dependsOn } };
  });
}

/** What an address is called now, where its agent has been renamed since. */
export function calledNow(desired: DesiredState | undefined): (address: Address) => Address {
  const renames = desired ? renamesOf(desired) : new Map<never, never>();
  return (address) => (renames.size === 0 ? address : renamedAddress(address, renames));
}

/** The addresses that were applied, under the names of now. */
export function appliedSince(applied: ReadonlySet<Address>, desired: DesiredState): ReadonlySet<Address> {
  const renames = renamesOf(desired);
  return renames.size === 0 ? applied : new Set([...applied].map((address) => renamedAddress(address, renames)));
}

/** A name that is declared again is nobody's previous one. */
function renamesOf({ templates }: DesiredState): Renames {
  const renames = new Map<string, string>();
  for (const { address, previousNames = [] } of templates.values()) {
    const name = parseAddress(`${address}/0`)?.name;
    if (name === undefined) continue;
    for (const previous of previousNames) if (!templates.has(agentTemplate(previous))) renames.set(previous, name);
  }
  return renames;
}

function renamedAddress(address: Address, renames: Renames): Address {
  const parts = parseAddress(address);
  const name = parts?.index === undefined ? undefined : renames.get(parts.name);
  return name === undefined || parts?.index === undefined ? address : agentAddress(name, parts.index);
}

function renamedTemplate(address: TemplateAddress, renames: Renames): TemplateAddress {
  const name = address.startsWith('agent/') ? renames.get(address.slice('agent/'.length)) : undefined;
  return name === undefined ? address : agentTemplate(name);
}
