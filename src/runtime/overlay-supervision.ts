import type { ObservedResource, ObservedState } from '../model/observed.ts';
import type { Supervision } from '../model/supervision.ts';
import { isRunning } from '../model/version.ts';

/**
 * Puts what the supervisor remembers over what drivers saw: restarts, and for the life it is about, health and what
 * comes next. `watched`: a supervisor is alive; without one its health is old and nobody restarts what waits.
 */
export function overlaySupervision(
  observed: ObservedState,
  supervisions: ReadonlyMap<string, Supervision>,
  watched: boolean,
): ObservedState {
  if (supervisions.size === 0) return observed;
  const overlay = (object: ObservedResource): ObservedResource => {
    const supervision = supervisions.get(object.name);
    if (supervision?.ref !== object.ref) return object;
    const counted = { ...object, restarts: object.restarts + supervision.restarts };
    const isCurrent = supervision.life === (object.startedAt ?? '');
    if (!isCurrent || (!watched && supervision.state.type !== 'failed')) return counted;
    const { health } = supervision;
    return { ...counted, supervision, ...(watched && isRunning(object) && health !== 'none' ? { health } : {}) };
  };
  return {
    ...observed,
    resources: new Map([...observed.resources].map(([address, objects]) => [address, objects.map(overlay)])),
  };
}
