import type { DriverError } from '../../model/outcome.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { failure } from './failure.ts';
import { findInstance } from './find-instance.ts';
import type { Host } from './host.ts';
import { parseCookie, type Run } from './instance.ts';
import { treeOf } from './limits.ts';
import { runningIdentity, type Sighting } from './sighting.ts';
import type { Tree } from './stop-tree.ts';

/** An instance that runs, with its tree. */
export interface Running {
  readonly sighting: Sighting;
  readonly run: Run;
  readonly tree: Tree;
}

/** The instance of that ref; an error where it does not run. */
export async function findRunning(host: Host, ref: string): Promise<Result<Running, DriverError>> {
  const cookie = parseCookie(ref);
  const found = cookie ? await findInstance(host, cookie.workspace, cookie.name, ref) : ok(undefined);
  if (!found.ok) return found;
  const sighting = found.value;
  if (!sighting) return err(failure('not-found', `\`${cookie?.name ?? ref}\` is gone`));
  const { instance, run, state } = sighting;
  if (!run || state.phase !== 'running') return err(failure('not-ready', `\`${instance.name}\` is not running`));
  return ok({ sighting, run, tree: treeOf(instance, run, runningIdentity(instance, run, state.latch)) });
}
