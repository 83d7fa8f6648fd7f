import type { CommonOptions } from './context.ts';

/** What `aac watch` takes, as commander hands it over. At most one of the first five is there. */
export interface WatchOptions extends CommonOptions {
  readonly once?: boolean;
  readonly detach?: boolean;
  readonly status?: boolean;
  readonly stop?: boolean;
  readonly printUnit?: boolean;
  readonly debounce: number;
  readonly resync?: string;
  /** Where metrics and status are served. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** `false`: tell drift, and leave it. */
  readonly heal: boolean;
  /** `false`: leave what no manifest declares any more. */
  readonly prune: boolean;
  readonly dryRun?: boolean;
  readonly ignoreWindows?: boolean;
  /** Milliseconds between two looks at the load of autoscaled agents. */
  readonly scaleInterval: number;
}
