import type { Workspace } from '../runtime/workspace.ts';
import type { Companion, WatchView } from '../watch/companion.ts';
import type { CommandContext } from './context.ts';
import type { WatchOptions } from './watch-options.ts';

/** What a companion is made with. The workspace is open, and its drivers with it, for as long as the watch goes on. */
export interface CompanionGround {
  readonly context: CommandContext;
  readonly workspace: Workspace;
  readonly options: WatchOptions;
  readonly view: WatchView;
}

/** All that works beside the sync loop of this watch. */
export async function openCompanions(_ground: CompanionGround): Promise<readonly Companion[]> {
  return [];
}
