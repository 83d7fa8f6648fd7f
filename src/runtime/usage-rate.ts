import type { Usage } from '../drivers/driver.ts';

/**
 * The cores that were busy between two readings of one object: 0.5 is half of one core. `undefined` where that cannot
 * be told: there is no earlier reading, no time has passed, or the counter began anew, as it does with a restart.
 */
export function busyCores(before: Usage | undefined, after: Usage): number | undefined {
  if (!before || after.at <= before.at || after.cpu < before.cpu) return undefined;
  return (after.cpu - before.cpu) / ((after.at - before.at) * 1e6);
}
