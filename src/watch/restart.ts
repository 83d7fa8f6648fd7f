import { bounded } from '../apply/bounded.ts';
import { deadlineOf } from '../apply/deadlines.ts';
import type { ApplyDriver } from '../apply/ground.ts';
import type { ExecuteContext } from '../drivers/driver.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { DriverError } from '../model/outcome.ts';
import type { Call } from '../model/plan.ts';
import { toAgentSpec } from '../model/spec.ts';
import type { Supervision } from '../model/supervision.ts';
import { isRunning } from '../model/version.ts';
import type { Clock } from '../util/clock.ts';
import { err, type Result } from '../util/result.ts';
import type { SharedLock } from './shared-lock.ts';

/** What a restart works with. */
export interface RestartGround {
  readonly driver: Pick<ApplyDriver, 'inspect' | 'execute'>;
  readonly context: Omit<ExecuteContext, 'signal' | 'progress'>;
  readonly lock: SharedLock<Diagnostic>;
  readonly clock: Clock;
  /** Begins nothing more; what has begun is brought to its end, so that nothing stays stopped. */
  readonly signal: AbortSignal;
  /** Cuts that off too. */
  readonly abort: AbortSignal;
}

/** How a restart ended. `moot`: the object is gone, was stopped or started by somebody else, or is another one. */
export type RestartOutcome =
  | { readonly type: 'restarted' }
  | { readonly type: 'moot' }
  | { readonly type: 'refused'; readonly message: string; readonly counts: boolean };

/**
 * Starts an agent again, and stops it first where it still runs, under the workspace's lock. What is to be restarted is
 * looked at anew once the lock is held; `begin` is called right before the first change.
 */
export async function restart(
  agent: ObservedResource,
  supervision: Supervision,
  ground: RestartGround,
  begin: () => Promise<void>,
): Promise<RestartOutcome> {
  const { signal } = ground;
  const held = await ground.lock.hold(signal);
  if (!held.ok) return { type: 'refused', message: held.error.message, counts: false };
  await using _lock = held.value;
  const looked = await ground.driver.inspect(ground.context, agent.record.address, agent.ref, signal);
  if (!looked.ok) return refused(looked.error);
  const now = looked.value;
  if (!now || isMoot(now, supervision) || signal.aborted) return { type: 'moot' };
  await begin();
  if (isRunning(now)) {
    const { gracePeriod } = toAgentSpec(now.record.lastApplied).stop;
    const stopped = await call(now, { verb: 'stop', gracePeriod }, ground);
    if (!stopped.ok) return refused(stopped.error);
  }
  const started = await call(now, { verb: 'start' }, ground);
  return started.ok ? { type: 'restarted' } : refused(started.error);
}

function isMoot(now: ObservedResource, { life, state }: Supervision): boolean {
  if ((now.startedAt ?? '') !== life) return true;
  return now.stopRequested === true && state.type !== 'restarting'; // else the stop was the first half of this restart
}

async function call(
  { address, driver, kind, name, ref, record }: ObservedResource,
  step: { readonly verb: 'start' } | { readonly verb: 'stop'; readonly gracePeriod: number },
  { driver: executor, context, clock, abort }: RestartGround,
): Promise<Result<unknown, DriverError>> {
  const target = { name, generation: record.generation, ref };
  const whole: Call = { address, driver, kind, target, ...step };
  const ended = await bounded(
    (inner) => executor.execute(whole, { ...context, signal: inner, progress: () => undefined }),
    { clock, deadline: deadlineOf(whole, {}), signal: abort },
  );
  switch (ended.type) {
    case 'done':
      return ended.value;
    case 'timeout':
      return err({ code: 'timeout', retry: 'transient', message: `the engine did not ${step.verb} it in time` });
    case 'aborted':
      return err({ code: 'internal', retry: 'transient', message: 'cut off' });
    case 'thrown':
      throw ended.error;
  }
}

/** What may well work a moment later is not held against the agent. */
function refused({ message, retry }: DriverError): RestartOutcome {
  return { type: 'refused', message, counts: retry === 'terminal' };
}
