import type { CgroupSupport } from './find-cgroups.ts';
import type { Sandbox } from './sandbox.ts';

/** What of the machine decides what can be honoured. */
export interface Machine {
  /** Where cgroups can be made; absent: nowhere. */
  readonly cgroups: CgroupSupport | undefined;
  /** The user that aac runs as. */
  readonly user: number;
  /** What can hold a process to what it may reach, tried when it is first asked for; absent: nothing. */
  readonly sandbox?: () => Sandbox;
}
