import type { DesiredResource } from '../model/desired.ts';
import type { ObservedResource } from '../model/observed.ts';
import { compareCodeUnits } from '../util/compare.ts';

/** Which of the objects at one address stands for it, and what the next one is to be numbered. */
export interface Choice {
  /** In the desired driver: the newest that is what is asked for, else the newest. */
  readonly current?: ObservedResource;
  readonly nextGeneration: number;
}

/** Chooses among the objects that an address has, one but for a rollout cut short or a move between drivers. */
export function chooseCurrent(desired: DesiredResource, objects: readonly ObservedResource[]): Choice {
  const candidates = newestFirst(objects).filter(
    (object) => object.driver === desired.template.driver && object.phase !== 'removing',
  );
  const [newest, ...older] = candidates;
  const current = older.length === 0 ? newest : (candidates.find((object) => isAsked(object, desired)) ?? newest);
  const highest = objects.reduce((generation, { record }) => Math.max(generation, record.generation), 0);
  return { nextGeneration: highest + 1, ...(current ? { current } : {}) };
}

function isAsked({ record }: ObservedResource, desired: DesiredResource): boolean {
  return record.specHash === desired.specHash;
}

/** Highest generation first; equal ones, which no rollout makes, by name. */
export function newestFirst(objects: readonly ObservedResource[]): readonly ObservedResource[] {
  return [...objects].sort(
    (left, right) =>
      right.record.generation - left.record.generation ||
      compareCodeUnits(left.driver, right.driver) ||
      compareCodeUnits(left.name, right.name),
  );
}
