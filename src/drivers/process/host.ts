import type { Clock } from '../../util/clock.ts';
import { createStore, type Store } from './store.ts';
import type { System } from './system.ts';

/** What the parts of this driver work with. */
export interface Host {
  readonly system: System;
  readonly clock: Clock;
  /** The caller's environment; the little of it that a process gets is chosen in `childEnvironment`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  store(workspace: string): Store;
}

/** The host of a driver; `stateFolder` says where a workspace keeps its state. */
export function createHost(parts: Omit<Host, 'store'>, stateFolder: (workspace: string) => string): Host {
  return { ...parts, store: (workspace) => createStore(stateFolder(workspace)) };
}
