import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Facts, HeldPort } from '../../model/observed.ts';
import type { Interest } from '../driver.ts';
import { isSystemError } from './failure.ts';
import { parseCookie } from './instance.ts';
import { cookieVariables, type Listener, type RunningProcess, type System } from './system.ts';

/** What of the machine a plan depends on. Images mean nothing here, and no other object can hold a name of ours. */
export async function gatherFacts(
  system: System,
  options: {
    readonly workspace: string;
    readonly root: string;
    readonly interest: Interest;
    readonly processes: readonly RunningProcess[];
    /** Host ports that the workspace's instances were given. */
    readonly given: readonly number[];
  },
): Promise<Facts> {
  const named = new Set([...(options.interest.ports ?? []), ...options.given]);
  return {
    images: new Map(),
    ports: heldPorts(options.workspace, await system.listeners(named), options.processes),
    foreignNames: new Map(),
    missingPaths: await missingPaths(options.root, options.interest.paths),
    capacity: system.capacity(),
  };
}

/** Who holds which port; `ref` where the holder descends from one of the workspace's instances. */
export function heldPorts(
  workspace: string,
  listeners: readonly Listener[],
  processes: readonly RunningProcess[],
): readonly HeldPort[] {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  return listeners.map(({ port, protocol, hostIp, pid, command }) => {
    const cookie = pid === undefined ? undefined : byPid.get(pid)?.variables[cookieVariables.instance];
    const owner = cookie === undefined ? undefined : parseCookie(cookie);
    const ours = owner?.workspace === workspace && cookie !== undefined;
    return {
      port,
      protocol,
      hostIp,
      holder: describeHolder({ pid, command }, owner),
      ...(ours ? { ref: cookie } : {}),
    };
  });
}

/** `process 4711 (node)`. */
export function describeHolder(
  holder: Pick<{ [Key in keyof Listener]-?: Listener[Key] | undefined }, 'pid' | 'command'>,
  owner?: { readonly workspace: string; readonly name: string },
): string {
  if (holder.pid === undefined) return 'another process';
  const name = holder.command ? ` (${holder.command})` : '';
  const whose = owner ? ` of \`${owner.name}\` in workspace \`${owner.workspace}\`` : '';
  return `process ${String(holder.pid)}${name}${whose}`;
}

async function missingPaths(root: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  const checked = await Promise.all(paths.map(async (path) => ((await exists(resolve(root, path))) ? [] : [path])));
  return new Set(checked.flat());
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    if (isSystemError(thrown) && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR')) return false;
    throw thrown;
  }
}
