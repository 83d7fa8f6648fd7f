import { fieldPath } from '../../model/field-path.ts';
import type { DriverError } from '../../model/outcome.ts';
import type { Call } from '../../model/plan.ts';
import type { Clock } from '../../util/clock.ts';
import { err, ok } from '../../util/result.ts';
import type { ExecuteContext } from '../driver.ts';
import { changeTakenAddress } from './addresses.ts';
import { stopSeconds } from './container-config.ts';
import type { Answer, Engine } from './engine.ts';
import type { ContainerDetails } from './engine-types.ts';
import { containerPorts, heldPorts } from './facts.ts';
import { hostPorts } from './host-ports.ts';
import { findContainer, goneError } from './target.ts';

/** Milliseconds between two looks at a container that is about to go on. */
const lookAgainAfter = 50;

/** Starts a container; one that runs is left as it is, a paused one goes on. */
export async function startContainer(
  engine: Engine,
  call: Call,
  context: ExecuteContext,
  clock: Clock,
): Answer<{ readonly ref: string }> {
  const { signal } = context;
  const found = await findContainer(engine, call, context, signal);
  if (!found.ok) return found;
  if (!found.value) return err(goneError(call));
  const ref = found.value.Id;
  if (found.value.State.Paused) {
    const resumed = await resume(engine, ref, signal, clock);
    return resumed.ok ? ok({ ref }) : resumed;
  }
  const first = await engine.start(ref, signal);
  const moved = first.ok ? ok(false) : await changeTakenAddress(engine, found.value, signal);
  const started = moved.ok && moved.value ? await engine.start(ref, signal) : first;
  if (started.ok) return ok({ ref });
  const code = started.error.code;
  const aboutPorts = code === 'internal' || code === 'conflict' || code === 'invalid';
  const taken = aboutPorts ? await takenPort(engine, found.value, context) : undefined;
  return err(taken ?? started.error);
}

/** Stops a container with its stop signal and the call's grace period; one that does not run, or is gone, is fine. */
export async function stopContainer(
  engine: Engine,
  call: Extract<Call, { readonly verb: 'stop' }>,
  context: ExecuteContext,
  clock: Clock,
): Answer<{ readonly ref?: string }> {
  const { signal } = context;
  const found = await findContainer(engine, call, context, signal);
  if (!found.ok) return found;
  if (!found.value) return ok({});
  const ref = found.value.Id;
  if (found.value.State.Paused) {
    const resumed = await resume(engine, ref, signal, clock); // a frozen process cannot act on a signal
    if (!resumed.ok) return resumed;
  }
  const stopped = await engine.stop(ref, stopSeconds(call.gracePeriod), signal);
  if (!stopped.ok && stopped.error.code !== 'not-found') return stopped;
  return ok({ ref });
}

/** Lets a paused container go on. The engine answers before it has noted that itself, so this waits until it has. */
async function resume(engine: Engine, ref: string, signal: AbortSignal, clock: Clock): Answer<void> {
  const resumed = await engine.unpause(ref, signal);
  for (;;) {
    const found = await engine.container(ref, signal);
    if (!found.ok) return found;
    if (found.value?.State.Paused !== true) return ok(undefined);
    if (!resumed.ok) return resumed;
    await clock.sleep(lookAgainAfter, signal).catch(() => undefined);
  }
}

/**
 * The engine's answer to a port that is taken has a status of its own no more than any other failure, so whether one
 * is taken is found out by looking. The container stays, and can be started once the port is free.
 */
async function takenPort(
  engine: Engine,
  container: ContainerDetails,
  { workspace, signal }: ExecuteContext,
): Promise<DriverError | undefined> {
  const wanted = wantedPorts(container);
  if (wanted.length === 0) return undefined;
  const listed = await engine.listContainers(signal);
  if (!listed.ok) return undefined;
  const { address } = engine.endpoint;
  const onHost = address.type === 'socket' ? hostPorts(address.path, new Set(wanted.map(({ host }) => host))) : [];
  const held = heldPorts(containerPorts(listed.value, workspace), onHost);
  for (const { port, host, hostIp, protocol } of wanted) {
    const holder = held.find(
      (other) => other.port === host && other.protocol === protocol && overlap(other.hostIp, hostIp),
    );
    if (!holder || holder.ref === container.Id) continue;
    return {
      code: 'conflict',
      retry: 'terminal',
      message: `port ${String(host)} is already in use by ${holder.holder}`,
      hint: 'free the port or choose another one, then apply again',
      field: fieldPath('ports', port),
    };
  }
  return undefined;
}

function wantedPorts(container: ContainerDetails) {
  return Object.entries(container.HostConfig.PortBindings ?? {}).flatMap(([port, bindings]) =>
    (bindings ?? []).flatMap(({ HostIp, HostPort }) => {
      const host = Number(HostPort);
      const protocol = port.endsWith('/udp') ? ('udp' as const) : ('tcp' as const);
      return host > 0 ? [{ port, host, hostIp: HostIp || '0.0.0.0', protocol }] : [];
    }),
  );
}

function overlap(left: string, right: string): boolean {
  const everywhere = (ip: string) => ip === '0.0.0.0' || ip === '::';
  return left === right || everywhere(left) || everywhere(right);
}
