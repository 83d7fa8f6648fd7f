import { lockWorkspace } from './apply-plan.ts';
import type { AttachOrder } from '../drivers/driver.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { DriverError } from '../model/outcome.ts';
import { err, ok, type Result } from '../util/result.ts';
import { planRun, type RunRequest } from './plan-run.ts';
import { awaitEnd, startRun, type RunEnd } from './run-agent.ts';
import type { Surroundings, Workspace } from './workspace.ts';

/** An agent that a program has started; disposing of it lets go of it, and it goes on. */
export interface RunningAgent extends AsyncDisposable {
  /** As it was seen right after its start. */
  readonly agent: ObservedResource;
  /**
   * Resolves when it has ended and, where it was connected, all its output was handed on; rejects with the reason of
   * the signal, and it goes on.
   */
  ended(options?: { readonly signal?: AbortSignal }): Promise<RunEnd>;
  /** Sends it a signal such as `SIGTERM`; `not-ready` when it does not run. */
  kill(name: string, options?: { readonly signal?: AbortSignal }): Promise<Result<undefined, DriverError>>;
}

/** Why an agent was not started: what is wrong with the request, or how a call of its start failed. */
export interface RunRefusal {
  readonly diagnostics: readonly Diagnostic[];
  readonly error?: DriverError;
}

/** Starts one agent without a file in an open workspace, which is disposed of with it. */
export async function runForProgram(
  workspace: Workspace,
  path: string,
  request: RunRequest & { readonly connection?: AttachOrder },
  { surroundings, signal }: { readonly surroundings: Surroundings; readonly signal: AbortSignal },
): Promise<Result<RunningAgent, RunRefusal>> {
  const { connection, ...rest } = request;
  const planned = await planRun(workspace, path, rest, surroundings, signal);
  if (!planned.ok) return err({ diagnostics: planned.error.diagnostics });
  const { drivers, stateFolder } = workspace;
  const locked = await lockWorkspace(planned.value.plan.workspace, stateFolder, 'program', { signal });
  if (!locked.ok) return err({ diagnostics: [locked.error] });
  await using _lock = locked.value;
  const ground = { drivers, stateFolder, values: planned.value.reading.values, source: 'run' } as const;
  const started = await startRun(planned.value, ground, {
    ...(connection ? { connection } : {}),
    drain: signal,
    abort: signal,
    emit: () => undefined,
    command: 'program',
  });
  if (!started.ok) return err({ diagnostics: [], ...(started.error.error ? { error: started.error.error } : {}) });
  const { agent, driver } = started.value;
  return ok({
    agent,
    ended: (options = {}) => awaitEnd(planned.value, started.value, { ...options, tty: rest.tty ?? false }),
    kill: async (name, options = {}) =>
      (await driver.kill?.(agent.ref, name, options.signal ?? new AbortController().signal)) ?? err(cannotKill(agent)),
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  });
}

function cannotKill({ driver }: ObservedResource): DriverError {
  return { code: 'invalid', retry: 'terminal', message: `the ${driver} driver cannot send signals` };
}
