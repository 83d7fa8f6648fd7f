import { scalingFiles } from '../apply/scaling-files.ts';
import { readSuspension, type Suspension } from '../apply/suspension.ts';
import { readWatchNotes, type WatchNotes } from '../apply/watch-notes.ts';
import type { Workspace } from './workspace.ts';

/** An autoscaled agent; `last` is absent until somebody has looked at its load. Times are ISO 8601, UTC. */
export interface ScalingOverview {
  readonly agent: string;
  readonly min: number;
  readonly max: number;
  readonly last?: { readonly replicas: number; readonly because: string; readonly at: string };
}

/** What a watch of a workspace does not do as the manifests say, and how far it scales, for programs. */
export interface WatchOverview {
  readonly suspended: Omit<Suspension, 'format'>;
  /** What the watch that goes on holds back. */
  readonly waiting: WatchNotes['held'];
  readonly rolledBack: WatchNotes['rolledBack'];
  readonly scaling: readonly ScalingOverview[];
}

/** Reads it from the state folder; `watched` unless no watch is there to hold anything back. */
export async function watchOverview(
  { reading, stateFolder }: Pick<Workspace, 'reading' | 'stateFolder'>,
  watched: boolean,
): Promise<WatchOverview> {
  const { format: _, ...suspended } = await readSuspension(stateFolder);
  const { held, rolledBack } = await readWatchNotes(stateFolder);
  const scalings = await scalingFiles(stateFolder).read();
  const scaling = reading.agents.flatMap(({ name, replicas: { autoscaling } }): readonly ScalingOverview[] => {
    if (!autoscaling) return [];
    const { min, max } = autoscaling;
    const known = scalings.get(name);
    const last = known && { replicas: known.replicas, because: known.because, at: new Date(known.at).toISOString() };
    return [{ agent: name, min, max, ...(last ? { last } : {}) }];
  });
  return { suspended, waiting: watched ? held : [], rolledBack: watched ? rolledBack : [], scaling };
}
