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
import type { Tree } from './stop-tree.ts';

/** What was done with one log. */
export interface LogUpkeep {
  readonly action: 'rotated' | 'failed';
  readonly message: string;
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
