import { parseAddress, templateOf, type Address } from '../model/address.ts';
import { compareCodeUnits } from '../util/compare.ts';

/** The items ordered by address: templates by code unit, the replicas of one by number, so `web/2` before `web/10`. */
export function sortByAddress<T>(items: Iterable<T>, addressOf: (item: T) => Address): readonly T[] {
  return [...items]
    .map((item) => {
      const address = addressOf(item);
      return { item, address, template: templateOf(address), index: parseAddress(address)?.index ?? 0 };
    })
    .sort(
      (left, right) =>
        compareCodeUnits(left.template, right.template) ||
        left.index - right.index ||
        compareCodeUnits(left.address, right.address),
    )
    .map(({ item }) => item);
}
