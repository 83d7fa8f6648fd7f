import { templateOf, type TemplateAddress } from '../model/address.ts';
import type { ResourceTemplate } from '../model/desired.ts';
import type { ObservedResource } from '../model/observed.ts';
import { groupBy } from '../util/group.ts';
import { leaveAsIs, type Decision } from './decision.ts';
import type { PlanOptions } from './options.ts';

/** What stands guard over the objects of a workspace. */
export interface Guards {
  readonly templates: ReadonlyMap<TemplateAddress, ResourceTemplate>;
  readonly options: PlanOptions;
}

/** Turns the deletion or replacement of something protected into nothing, with the reason on it. */
export function protect(decision: Decision, guards: Guards): Decision {
  if (!decision.removals.some(({ object }) => isProtected(object, guards))) return decision;
  const what = decision.action === 'delete' ? 'deleted' : 'replaced';
  return leaveAsIs(decision, `protected, so it is not ${what}`, { type: 'protected' });
}

/**
 * Whether an object is protected, by its record or by its manifest. The record outlives the manifest; it yields only
 * where the manifest says `protect: false` and the object is named on the command line (`--replace`, `destroy`).
 */
export function isProtected({ address, record }: ObservedResource, { templates, options }: Guards): boolean {
  const template = templates.get(templateOf(address));
  if (template?.protect) return true;
  const requested = options.destroy !== undefined || (options.replace?.has(address) ?? false);
  return record.protect && !(template && requested);
}

/** Who stands on each network and volume, by what was recorded when they were made. */
export type Standing = ReadonlyMap<TemplateAddress, readonly ObservedResource[]>;

/** Reads {@link Standing} out of the standing objects. */
export function standingOn(objects: readonly ObservedResource[]): Standing {
  const edges = objects.flatMap((object) => object.record.dependsOn.map((address) => ({ address, object })));
  return new Map(
    [...groupBy(edges, ({ address }) => address)].map(([address, own]) => [address, own.map(({ object }) => object)]),
  );
}

/**
 * Leaves a network or volume alone when somebody that stays stands on it: the engine would refuse to remove it.
 * `goes` says which objects the plan takes away.
 */
export function keepWhatIsUsed(
  decision: Decision,
  standing: Standing,
  goes: (object: ObservedResource) => boolean,
  guards: Guards,
): Decision {
  if (decision.kind === 'agent' || decision.removals.length === 0) return decision;
  const drivers = new Set(decision.removals.map(({ object }) => object.driver));
  const users = standing.get(decision.address as string as TemplateAddress) ?? [];
  const user = users.find((object) => drivers.has(object.driver) && !goes(object));
  if (!user) return decision;
  const held = isProtected(user, guards);
  return leaveAsIs(
    decision,
    `kept, because ${held ? 'protected ' : ''}\`${user.address}\` stands on it`,
    held ? { type: 'protected' } : undefined,
  );
}
