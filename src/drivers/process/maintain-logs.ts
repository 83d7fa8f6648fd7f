import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { formatBytes } from '../../model/quantity.ts';
import { toAgentSpec } from '../../model/spec.ts';
import { startCutter } from './cutter.ts';
import { orAbsent } from './failure.ts';
import { freezeTree } from './freeze.ts';
import type { Host } from './host.ts';
import { cookieOf, type Instance } from './instance.ts';
import { logPaths, readLogState, type LogPaths } from './log-state.ts';
import { addTime, pruneTimes, readTimes } from './log-times.ts';
import { completeRotation, rotate, type Rotation } from './rotate.ts';
import type { Sighting } from './sighting.ts';
import type { Tree } from './stop-tree.ts';

/** What was done with one log. */
export interface LogUpkeep {
  readonly action: 'rotated' | 'failed';
  readonly message: string;
}

/** Maintains logs that grow, and knows those that do not. */
export interface LogUpkeeper {
  /** Whether its logs are not as they were left, or were never looked at. */
  hasGrown(sighting: Sighting): boolean;
  maintain(sighting: Sighting, tree: Tree): Promise<readonly LogUpkeep[]>;
}

/** A keeper of logs; one for each supervisor. What it knows is worth no more than the time to look again. */
export function createLogUpkeeper(host: Host): LogUpkeeper {
  /** The sizes that were left, by the record with the limits that held then. */
  const left = new WeakMap<Instance, string>();
  return {
    hasGrown: ({ instance, state }) => state.phase === 'running' && left.get(instance) !== sizesOf(host, instance),
    maintain: async ({ instance }, tree) => {
      const sizes = sizesOf(host, instance);
      const done = await maintainLogs(host, instance, tree);
      if (done.every(({ action }) => action === 'rotated')) left.set(instance, sizes);
      return done;
    },
  };
}

/** Read at once, as it is hundreds of times a second and waits for nothing. */
function sizesOf(host: Host, instance: Instance): string {
  const folder = `${host.store(instance.record.workspace).root}/${instance.name}`;
  return `${String(sizeOf(`${folder}/stdout.log`))} ${String(sizeOf(`${folder}/stderr.log`))}`;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Marks the time in the logs of an instance, and rotates those above `logging.maxSize`. Nobody else may be at it. */
export async function maintainLogs(host: Host, instance: Instance, tree: Tree): Promise<readonly LogUpkeep[]> {
  const { maxSize, maxFiles } = toAgentSpec(instance.record.lastApplied).logging;
  const files = host.store(instance.record.workspace).files(instance.name);
  const rotation: Rotation = {
    maxFiles,
    startCutter,
    freeze: (cutter) => freezeTree(host.system, host.clock, tree, cutter),
  };
  const done: LogUpkeep[] = [];
  for (const live of [files.stdout, files.stderr]) {
    const paths = logPaths(live);
    await completeRotation(paths, maxFiles);
    if ((await markTime(host, paths)) <= maxSize) continue;
    const moved = await rotate(paths, rotation);
    const name = basename(live);
    done.push(
      moved === undefined
        ? { action: 'failed', message: `${name} was not rotated: its writers would not stand still` }
        : { action: 'rotated', message: `${name}: ${formatBytes(moved)}` },
    );
  }
  return done;
}

/** The same before a start, when nobody writes; so that logs are bounded where no supervisor runs. */
export async function prepareLogs(host: Host, instance: Instance): Promise<void> {
  await maintainLogs(host, instance, { cookie: cookieOf(instance) });
}

/** Notes by when what is there had been written; the size of the live file. */
async function markTime(host: Host, paths: LogPaths): Promise<number> {
  const size = (await orAbsent(stat(paths.live)))?.size ?? 0;
  const time = host.clock.now();
  const position = (await readLogState(paths)).base + size;
  const marks = await readTimes(paths);
  if ((marks.at(-1)?.position ?? 0) !== position) {
    await addTime(paths, { position, time });
    await pruneTimes(paths, 0);
  }
  return size;
}
