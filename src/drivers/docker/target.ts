import type { DriverError } from '../../model/outcome.ts';
import type { Call } from '../../model/plan.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { WorkspaceContext } from '../driver.ts';
import type { Answer, Engine } from './engine.ts';
import type { ContainerDetails, Labels } from './engine-types.ts';
import { isOurs } from './record.ts';

/** What identifies an object in front of the engine. */
export interface Identity {
  readonly id: string;
  readonly labels: Labels | null;
}

/**
 * The container that a call is about, checked to be ours and the very one that was planned for; `undefined` when it is
 * gone. It is looked for by its id first, so that a container that was renamed is found too.
 */
export async function findContainer(
  engine: Engine,
  call: Call,
  context: WorkspaceContext,
  signal: AbortSignal,
): Answer<ContainerDetails | undefined> {
  return find(call, context, (ref) => engine.container(ref, signal), identifyContainer);
}

/** The object that a call is about, by any kind's lookup; see {@link findContainer}. */
export async function find<T>(
  call: Call,
  context: WorkspaceContext,
  lookup: (ref: string) => Answer<T | undefined>,
  identify: (found: T) => Identity,
): Answer<T | undefined> {
  const { name, ref } = call.target;
  for (const key of ref === undefined ? [name] : [ref, name]) {
    const found = await lookup(key);
    if (!found.ok) return found;
    if (found.value === undefined) continue;
    const checked = checkIdentity(call, context, identify(found.value));
    return checked.ok ? found : checked;
  }
  return ok(undefined);
}

/** Whether an object is the one that a call may touch. */
export function checkIdentity(
  { target, address }: Call,
  { workspace }: WorkspaceContext,
  { id, labels }: Identity,
): Result<undefined, DriverError> {
  if (!isOurs(labels, workspace, address)) return err(notOurs(target.name, id));
  if (target.ref !== undefined && target.ref !== id) {
    return err({
      code: 'moved',
      retry: 'terminal',
      message: `\`${target.name}\` is no longer the object that was planned for: another one has taken its name`,
      hint: 'plan again',
    });
  }
  return ok(undefined);
}

/** What identifies a container. */
export function identifyContainer(container: ContainerDetails): Identity {
  return { id: container.Id, labels: container.Config.Labels };
}

/** The error for a call about an object that is not there. */
export function goneError(call: Call): DriverError {
  return {
    code: 'not-found',
    retry: 'terminal',
    message: `\`${call.target.name}\` is gone`,
    hint: 'plan again: what is missing is made anew',
  };
}

function notOurs(name: string, id: string): DriverError {
  return {
    code: 'conflict',
    retry: 'terminal',
    message: `\`${name}\` (${id.slice(0, 12)}) does not belong to this workspace, and is left alone`,
    hint: 'rename or remove it yourself, or give the workspace another name',
  };
}
