import type { AttachOrder, Attachment, Driver } from '../drivers/driver.ts';
import type { ApplyEvent } from '../model/event.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { ApplyReport, DriverError } from '../model/outcome.ts';
import { systemClock } from '../util/clock.ts';
import { err, ok, type Result } from '../util/result.ts';
import { applyPlan, type ApplyGround } from './apply-plan.ts';
import type { DriverSet } from './driver-set.ts';
import type { PlannedRun } from './plan-run.ts';

/** How a run is started. */
export interface StartOptions {
  /** Connects the agent before it starts; absent: nobody reads along. */
  readonly connection?: AttachOrder;
  readonly drain: AbortSignal;
  readonly abort: AbortSignal;
  readonly emit: (event: ApplyEvent) => void;
  /** For the journal. */
  readonly command: string;
}

/** An agent of `aac run` that has been started. */
export interface StartedRun {
  /** As it was seen right after it started; it may have ended since. */
  readonly agent: ObservedResource;
  readonly driver: Driver;
  readonly attachment?: Attachment;
}

/** Why it was not started, or did not stay up. */
export interface FailedStart {
  readonly report: ApplyReport;
  readonly error?: DriverError;
  /** What is left of it, to be looked at or taken away. */
  readonly agent?: ObservedResource;
  /** Whether it came up at all. */
  readonly started: boolean;
}

/** Carries a planned run out. The caller holds the workspace's lock. */
export async function startRun(
  planned: PlannedRun,
  ground: ApplyGround,
  options: StartOptions,
): Promise<Result<StartedRun, FailedStart>> {
  const { plan, address } = planned;
  const driver = await ground.drivers.open(planned.driver);
  if (!driver) throw new Error(`a plan was made without the ${planned.driver} driver`);
  let attachment: Attachment | undefined;
  const drivers = options.connection
    ? attaching(ground.drivers, planned, options.connection, (made) => (attachment = made))
    : ground.drivers;
  const { drain, abort, emit, command } = options;
  const report = await applyPlan(plan, { ...ground, drivers }, { drain, abort, emit, command, origin: 'run' });
  const agent = await look(driver, planned, options.abort);
  if (report.status === 'succeeded' && agent) return ok({ agent, driver, ...(attachment ? { attachment } : {}) });
  const failure = report.nodes.find(({ outcome }) => outcome.status === 'failed')?.outcome;
  const startNode = report.nodes.find(({ node }) => node.step.verb === 'start' && node.step.address === address);
  const error = failure?.status === 'failed' ? withExitCode(failure.error, agent) : undefined;
  return err({
    report,
    ...(error ? { error } : {}),
    ...(agent ? { agent } : {}),
    started: startNode?.outcome.status === 'succeeded',
  });
}

/** How an agent ended; `detached`: its terminal was let go of, and it goes on. */
export type RunEnd =
  | { readonly type: 'exited'; readonly exitCode: number }
  | { readonly type: 'detached' }
  | { readonly type: 'gone' }
  | { readonly type: 'lost'; readonly error: DriverError };

/** Milliseconds between two looks at an agent whose output has ended. */
const lookAgainAfter = 100;
/** Looks after which an agent that has a terminal counts as let go of. */
const looksUntilDetached = 20;

/** Waits until an agent has ended and all its output was handed on; rejects with the reason of the signal. */
export async function awaitEnd(
  planned: PlannedRun,
  started: StartedRun,
  { tty = false, signal = never }: { readonly tty?: boolean; readonly signal?: AbortSignal } = {},
): Promise<RunEnd> {
  const { driver, agent, attachment } = started;
  if (attachment) await orAborted(attachment.ended, signal);
  for (let looks = 0; ; looks++) {
    signal.throwIfAborted();
    const seen = await driver.inspect(contextOf(planned), planned.address, agent.ref, signal);
    signal.throwIfAborted();
    if (!seen.ok) return { type: 'lost', error: seen.error };
    if (!seen.value) return { type: 'gone' };
    const { phase, exitCode } = seen.value;
    if (phase === 'exited' || phase === 'dead') return { type: 'exited', exitCode: exitCode ?? 0 };
    if (tty && looks >= looksUntilDetached) return { type: 'detached' };
    await systemClock.sleep(lookAgainAfter, signal);
  }
}

const never = new AbortController().signal;

/** What the promise comes to, unless the signal is aborted before. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const decided = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true, signal: decided.signal });
  });
  return await Promise.race([promise, aborted]).finally(() => decided.abort());
}

function contextOf({ plan }: PlannedRun): { readonly workspace: string; readonly root: string } {
  return { workspace: plan.workspace, root: plan.scope.directory };
}

async function look(driver: Driver, planned: PlannedRun, signal: AbortSignal): Promise<ObservedResource | undefined> {
  const name = objectName(planned);
  const seen = await driver.inspect(contextOf(planned), planned.address, name, signal);
  return seen.ok ? seen.value : undefined;
}

function objectName({ plan, address }: PlannedRun): string {
  return plan.nodes.find(({ step }) => step.address === address && step.verb === 'create')?.step.target.name ?? '';
}

/** An engine leaves the exit code of a command that it could not run on the object. */
function withExitCode(error: DriverError, agent: ObservedResource | undefined): DriverError {
  const code = agent?.phase === 'created' ? agent.exitCode : undefined;
  return error.exitCode === undefined && (code === 126 || code === 127) ? { ...error, exitCode: code } : error;
}

/** The drivers, with the agent connected right before its start. */
function attaching(
  drivers: DriverSet,
  planned: PlannedRun,
  connection: AttachOrder,
  made: (attachment: Attachment) => void,
): DriverSet {
  let attached = false;
  const attach = async (driver: Driver): Promise<Result<undefined, DriverError>> => {
    if (attached || !driver.attach) return ok(undefined);
    const agent = await look(driver, planned, connection.signal);
    if (!agent) return ok(undefined); // the start says what is wrong
    const attachment = await driver.attach(agent.ref, connection);
    if (!attachment.ok) return attachment;
    attached = true;
    made(attachment.value);
    return ok(undefined);
  };
  return {
    names: drivers.names,
    open: async (name) => {
      const driver = await drivers.open(name);
      if (!driver || name !== planned.driver) return driver;
      return {
        ...driver,
        execute: async (call, context) => {
          if (call.verb !== 'start' || call.address !== planned.address) return driver.execute(call, context);
          const connected = await attach(driver);
          return connected.ok ? driver.execute(call, context) : connected;
        },
      };
    },
    [Symbol.asyncDispose]: () => drivers[Symbol.asyncDispose](),
  };
}
