import type { CgroupSupport } from './find-cgroups.ts';

/** What of the machine decides what can be honoured. */
export interface Machine {
  /** Where cgroups can be made; absent: nowhere. */
  readonly cgroups: CgroupSupport | undefined;
  /** The user that aac runs as. */
  readonly user: number;
}
