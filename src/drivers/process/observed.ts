import type { ObservedResource } from '../../model/observed.ts';
import { runsApart } from './apart.ts';
import { enforcementOf } from './limits.ts';
import { cookieOf, publishedPorts } from './instance.ts';
import type { Sighting } from './sighting.ts';

/**
 * A sighting as every driver reports one. What a process was started with cannot change under it, so `live` is what
 * was recorded; what can differ is whether it runs, and whether the edge leads to it.
 */
export function toObserved({ instance, run, state }: Sighting, routed?: boolean): ObservedResource {
  const { record } = instance;
  const enforcement = enforcementOf(instance, run);
  return {
    address: record.address,
    driver: 'process',
    kind: 'agent',
    ref: cookieOf(instance),
    name: instance.name,
    record,
    live: record.lastApplied,
    phase: state.phase === 'starting' ? 'created' : state.phase,
    health: 'none',
    ...(routed === undefined ? {} : { routed }),
    ...(state.phase === 'exited' ? { exitCode: state.exitCode } : {}),
    ...(state.phase === 'exited' && run?.stopRequestedAt ? { stopRequested: true } : {}),
    ...detailOf(state),
    restarts: 0,
    ...(run?.startedAt && (state.phase === 'running' || state.phase === 'exited') ? { startedAt: run.startedAt } : {}),
    createdAt: instance.createdAt,
    published: runsApart(instance) ? [] : publishedPorts(instance), // apart, they are nobody else's to reach
    ...(enforcement === undefined ? {} : { enforcement }),
  };
}

function detailOf(state: Sighting['state']): { readonly detail?: string } {
  if (state.phase === 'starting') return { detail: 'being started' };
  return state.phase === 'running' || state.detail === undefined ? {} : { detail: state.detail };
}
