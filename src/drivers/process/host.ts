import type { Clock } from '../../util/clock.ts';
import { baseEnvironment } from './child-environment.ts';
import { findSandbox, type Sandbox } from './sandbox.ts';
import { createStore, type Store } from './store.ts';
import type { System } from './system.ts';

/** What the parts of this driver work with. */
export interface Host {
  readonly system: System;
  readonly clock: Clock;
  /** The caller's environment; the little of it that a process gets is chosen in `childEnvironment`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** By ref, what an instance that is about to be started is to read. */
  readonly inputs: Map<string, AsyncIterable<Uint8Array>>;
  /** What can hold a process to what it may reach, tried once, when it is first asked for. */
  sandbox(): Sandbox;
  store(workspace: string): Store;
}

/** The host of a driver; `stateFolder` says where a workspace keeps its state. */
export function createHost(
  parts: Omit<Host, 'store' | 'inputs' | 'sandbox'>,
  stateFolder: (workspace: string) => string,
): Host {
  let sandbox: Sandbox | undefined;
  return {
    ...parts,
    inputs: new Map(),
    sandbox: () => (sandbox ??= findSandbox(baseEnvironment(parts.environment).PATH ?? '')),
    store: (workspace) => createStore(stateFolder(workspace)),
  };
}
