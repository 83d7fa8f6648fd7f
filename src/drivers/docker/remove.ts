import type { DriverError } from '../../model/outcome.ts';
import type { Call } from '../../model/plan.ts';
import { compareCodeUnits } from '../../util/compare.ts';
import { err, ok } from '../../util/result.ts';
import type { Clock } from '../../util/clock.ts';
import type { ExecuteContext } from '../driver.ts';
import type { Answer, Engine } from './engine.ts';
import type { ContainerDetails } from './engine-types.ts';
import { hasFiles } from './files.ts';
import { sweepFiles } from './make-files.ts';
import { find, findContainer } from './target.ts';

type RemoveAnswer = Answer<Record<string, never>>;

/** Milliseconds between two looks at a container that the engine is removing already. */
const lookAgainAfter = 100;

/** Removes a container by force, with its files and anonymous volumes; one that is gone is fine. */
export async function removeContainer(engine: Engine, call: Call, context: ExecuteContext, clock: Clock): RemoveAnswer {
  const { signal } = context;
  const found = await findContainer(engine, call, context, signal);
  if (!found.ok) return found;
  if (!found.value) return ok({});
  const removed = await removeFound(engine, found.value, context, clock);
  if (!removed.ok || !hasFiles(found.value)) return removed;
  const swept = await sweepFiles(engine, context.workspace, call.address, signal);
  return swept.ok ? ok({}) : swept;
}

async function removeFound(
  engine: Engine,
  { Id: ref }: ContainerDetails,
  { signal }: ExecuteContext,
  clock: Clock,
): RemoveAnswer {
  const removed = await engine.removeContainer(ref, signal);
  if (removed.ok) return ok({});
  if (removed.error.code !== 'conflict') return removed;
  // somebody else's removal is under way: wait for it, the caller's deadline ends the waiting
  for (;;) {
    const left = await engine.container(ref, signal);
    if (!left.ok) return left;
    if (!left.value) return ok({});
    if (left.value.State.Status !== 'removing') return removed;
    await clock.sleep(lookAgainAfter, signal).catch(() => undefined);
  }
}

/** Removes a network; one that is gone is fine, one that others are attached to is a conflict that names them. */
export async function removeNetwork(engine: Engine, call: Call, context: ExecuteContext): RemoveAnswer {
  const { signal } = context;
  const found = await find(
    call,
    context,
    (ref) => engine.network(ref, signal),
    (network) => ({ id: network.Id, labels: network.Labels }),
  );
  if (!found.ok) return found;
  if (!found.value) return ok({});
  const removed = await engine.removeNetwork(found.value.Id, signal);
  if (removed.ok) return ok({});
  const attached = await engine.network(found.value.Id, signal);
  const names = attached.ok ? Object.values(attached.value?.Containers ?? {}).map((container) => container.Name) : [];
  return err(names.length === 0 ? removed.error : stillInUse('network', call, names));
}

/** Removes a named volume with its data; one that is gone is fine. */
export async function removeVolume(engine: Engine, call: Call, context: ExecuteContext): RemoveAnswer {
  const { signal } = context;
  const found = await find(
    call,
    context,
    (ref) => engine.volume(ref, signal),
    (volume) => ({ id: volume.Name, labels: volume.Labels }),
  );
  if (!found.ok) return found;
  if (!found.value) return ok({});
  const removed = await engine.removeVolume(found.value.Name, signal);
  return removed.ok ? ok({}) : removed;
}

function stillInUse(word: string, call: Call, names: readonly string[]): DriverError {
  const list = [...names].sort(compareCodeUnits).map((name) => `\`${name}\``);
  return {
    code: 'conflict',
    retry: 'terminal',
    message: `the ${word} \`${call.target.name}\` is still in use by ${list.join(', ')}`,
    hint: `disconnect or remove what uses it, then apply again`,
  };
}
