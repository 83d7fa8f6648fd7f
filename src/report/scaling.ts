import type { Scaling } from '../model/scaling.ts';
import { printable } from './text.ts';
import { formatAge } from './units.ts';

/** An autoscaled agent; `scaling` is absent until somebody has looked at its load. */
export interface ScaledRow {
  readonly agent: string;
  readonly min: number;
  readonly max: number;
  readonly scaling?: Pick<Scaling, 'at' | 'replicas' | 'because'>;
}

/** An indented line for each: `web: 2 replicas of 1 to 5, cpu 45 % of 70 % (12s ago)`. `now` in milliseconds since the epoch. */
export function formatScalings(rows: readonly ScaledRow[], now: number): string {
  return rows
    .map(({ agent, min, max, scaling }) => {
      const range = `${String(min)} to ${String(max)}`;
      if (!scaling) return `  ${printable(agent)}: ${range} replicas, not looked at yet\n`;
      const { at, replicas, because } = scaling;
      const age = formatAge(Math.max(0, now - at));
      return `  ${printable(agent)}: ${String(replicas)} replicas of ${range}, ${printable(because)} (${age} ago)\n`;
    })
    .join('');
}
