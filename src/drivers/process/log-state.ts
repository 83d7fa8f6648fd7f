import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { isJsonObject, type Json } from '../../util/json.ts';
import { orAbsent } from './failure.ts';

/**
 * How far the log of one stream has been rotated. Positions count bytes from the very first one ever written, so they
 * mean the same before and after a rotation.
 *
 *     stdout.log.2   stdout.log.1   stdout.log
 *     ────────────┬──────────────┬─────────────▶
 *                              base
 */
export interface LogState {
  /** The position that the live file begins at. */
  readonly base: number;
  /** Whether the oldest file that is left begins in the middle of a line. */
  readonly torn: boolean;
  /**
   * A rotation under way: this many bytes have been copied and are cut off the live file. From here on the rotation is
   * a fact, and whoever comes next completes it.
   */
  readonly cutting?: number;
}

const unrotated: LogState = { base: 0, torn: false };

/** The paths of one stream's log. */
export interface LogPaths {
  /** What the process appends to. */
  readonly live: string;
  /** The copy, before and after the live file has been cut. */
  readonly copy: string;
  readonly cut: string;
  readonly state: string;
  /** Lines of `position time`: everything before the position had been written by then. */
  readonly times: string;
  /** 1 is the newest. */
  rotated(number: number): string;
}

/** The paths that belong to a live file such as `stdout.log`. */
export function logPaths(live: string): LogPaths {
  return {
    live,
    copy: `${live}.copy`,
    cut: `${live}.cut`,
    state: `${live}.state`,
    times: `${live}.times`,
    rotated: (number) => `${live}.${String(number)}`,
  };
}

/** How far a log has been rotated; what cannot be read was never written. */
export async function readLogState(paths: LogPaths): Promise<LogState> {
  const text = await orAbsent(readFile(paths.state, 'utf8'));
  if (text === undefined) return unrotated;
  const json = JSON.parse(text) as Json;
  if (!isJsonObject(json) || typeof json.base !== 'number') return unrotated;
  const { base, torn, cutting } = json;
  return { base, torn: torn === true, ...(typeof cutting === 'number' ? { cutting } : {}) };
}

/** Replaces the state whole. */
export async function writeLogState(paths: LogPaths, state: LogState): Promise<void> {
  await writeFileAtomic(paths.state, JSON.stringify(state), { mode: 0o600 });
}

/** Whether two states are of the same moment between two rotations. */
export function isSettled(before: LogState, after: LogState): boolean {
  return before.base === after.base && before.cutting === undefined && after.cutting === undefined;
}
