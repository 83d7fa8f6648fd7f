import type { AttachOrder } from '../drivers/driver.ts';
import type { DriverName } from '../model/agent.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { AgentEvent } from '../model/agent-event.ts';
import type { EdgeDecision } from '../model/edge.ts';
import type { ApplyEvent } from '../model/event.ts';
import type { ApplyReport } from '../model/outcome.ts';
import type { RecordedRevision } from '../model/revision.ts';
import type { Drift, Plan } from '../model/plan.ts';
import type { OperationOrder } from '../plan/operate.ts';
import { systemClock } from '../util/clock.ts';
import { err, ok, type Result } from '../util/result.ts';
import { applyPlan, lockWorkspace } from './apply-plan.ts';
import { followEvents, type EventRequest } from './follow-events.ts';
import { execForProgram, type ExecRefusal, type ExecRequest, type ExecResult } from './exec-program.ts';
import { edgesToRead, egressNews, type EgressLogRequest } from './egress-log.ts';
import { testEgress, type EgressTarget, type EgressTest } from './egress-test.ts';
import { inspectAgents, type InspectedAgents } from './inspect-agents.ts';
import { listAgents, type AgentList } from './list-agents.ts';
import { eachLine, mergeLogs, type AgentLogLine } from './merge-logs.ts';
import { openLogs, type LogRequest } from './open-logs.ts';
import { planWorkspace, type PlanRequest } from './plan-workspace.ts';
import { planOperationOn, type OperationTargets } from './operate.ts';
import type { RunRequest } from './plan-run.ts';
import { planRemoval } from './remove-runs.ts';
import { findRevision, recordedRevisions, type RevisionSource } from './revision-store.ts';
import { runForProgram, type RunningAgent, type RunRefusal } from './run-program.ts';
import { openPlan } from './saved-plan.ts';
import { isNamed, unknownAgents } from './select-agents.ts';
import { sampleWorkspace, type UsageSample } from './sample-usage.ts';
import { StreamError } from './stream-error.ts';
import { openWorkspace, sourceOf, type Surroundings, type Workspace } from './workspace.ts';

/** What every call may be given. */
export interface CallOptions {
  /** Stops the call: reads reject with its reason, an apply starts nothing more and reports how far it came. */
  readonly signal?: AbortSignal;
  /** Runs all agents with this driver. */
  readonly driver?: DriverName;
}

/** How {@link Runtime.apply} is to go. */
export interface ApplyCallOptions extends CallOptions {
  /** Calls at once, over all drivers. */
  readonly parallelism?: number;
  /** Start nothing more after the first failure. */
  readonly failFast?: boolean;
  /** Called with what happens, as it happens. */
  readonly onEvent?: (event: ApplyEvent) => void;
}

/** How {@link Runtime.stop}, {@link Runtime.start} and {@link Runtime.restart} are to go. Durations are milliseconds. */
export interface OperateOptions extends CallOptions {
  /** Between the stop signal and the kill, instead of each agent's own. */
  readonly gracePeriod?: number;
  /** For an agent to get ready, instead of each agent's own. */
  readonly waitTimeout?: number;
  /** Called with what happens, as it happens. */
  readonly onEvent?: (event: ApplyEvent) => void;
}

/** Stops, starts or restarts agents by their names (`web`, `web/0`), or all that stand. The error says why it was not begun. */
export type Operate = (
  path: string,
  agents: OperationTargets,
  options?: OperateOptions,
) => Promise<Result<ApplyReport, readonly Diagnostic[]>>;

/**
 * Everything the command line does, for programs. `path` is a manifest or a directory that is searched for them,
 * relative to the runtime's directory; agents are called by their names (`web`), or one replica by `web/0`. What can go
 * wrong is a value with a `code` to match; a call that is aborted may reject with the reason of its signal, and streams
 * throw a {@link StreamError}. Anything else that is thrown is a bug.
 */
export interface Runtime {
  /** Every problem of every manifest under `path`, a file or directory. An empty list: all is well. */
  validate(path: string, options?: CallOptions): Promise<readonly Diagnostic[]>;
  /**
   * What would have to be done; with `destroy`, to take everything away. The error lists why there is no plan; a plan may
   * hold errors among its diagnostics.
   */
  plan(path: string, request?: PlanRequest & CallOptions): Promise<Result<Plan, readonly Diagnostic[]>>;
  /** Carries out a plan, made now or saved before. The error says why it was not begun. */
  apply(plan: Plan, options?: ApplyCallOptions): Promise<Result<ApplyReport, readonly Diagnostic[]>>;
  /** What changed outside aac since the last apply. */
  drift(path: string, options?: CallOptions): Promise<Result<readonly Drift[], readonly Diagnostic[]>>;
  /** Ends agents in their own way, dependents before what they stand on; what they are made of stays. */
  stop: Operate;
  /** Starts agents that stand and do not run, as they stand, and waits until they are ready. */
  start: Operate;
  /** Stops what runs of the agents and starts them again, as they stand. */
  restart: Operate;
  /**
   * Starts one agent without a file, in the project of `path`, and waits until it is ready if `detach` is set. With a
   * `connection` it is connected before it starts, so none of its output is lost. Paths are relative to the runtime's
   * directory. It is ended like any other, or with `kill`, and taken away with `remove`.
   */
  run(
    path: string,
    request: RunRequest & { readonly connection?: AttachOrder },
    options?: Pick<CallOptions, 'signal'>,
  ): Promise<Result<RunningAgent, RunRefusal>>;
  /**
   * Takes away agents that {@link Runtime.run} started; with `force` also such that run. Those of manifests are refused.
   * The error says why it was not begun.
   */
  remove(
    path: string,
    names: readonly string[],
    options?: Pick<ApplyCallOptions, 'signal' | 'onEvent'> & { readonly force?: boolean },
  ): Promise<Result<ApplyReport, readonly Diagnostic[]>>;
  /**
   * Runs a command in an agent that runs, the first replica of that name, with its variables and in its folder. A
   * command that fails is no error, its exit code tells.
   */
  exec(path: string, name: string, request: ExecRequest): Promise<Result<ExecResult, ExecRefusal>>;
  /**
   * The agents that stand, declared or not; all, or those of these names. The diagnostics say what could not be looked
   * at, such as an engine that cannot be reached.
   */
  list(path: string, names?: readonly string[], options?: CallOptions): Promise<AgentList>;
  /** What is asked for, was applied and runs of all agents or those of these names, and what differs. Changes nothing. */
  inspect(path: string, names?: readonly string[], options?: CallOptions): Promise<InspectedAgents>;
  /**
   * What happens to the agents of these names, or to all, and what aac does, in the order of time. From `since` on, as
   * far back as it is known, else from now on; until the signal is aborted or the caller breaks off.
   */
  events(path: string, names?: readonly string[], request?: EventRequest & CallOptions): AsyncIterable<AgentEvent>;
  /**
   * What the agents that run, or those of these names, use: a sample every `interval` milliseconds, 2,000 unless told,
   * until the signal is aborted or the caller breaks off. The first comes after two readings, so that it tells rates.
   */
  stats(
    path: string,
    names?: readonly string[],
    options?: CallOptions & { readonly interval?: number },
  ): AsyncIterable<UsageSample>;
  /**
   * What was applied from this machine and had something to do, the newest first, and what can be returned to; with
   * `limit` only the last ones.
   */
  history(path: string, options?: CallOptions & { readonly limit?: number }): Promise<readonly RecordedRevision[]>;
  /** One revision by its number. The error says that there is none. */
  revision(
    path: string,
    revision: number,
    options?: CallOptions,
  ): Promise<Result<RecordedRevision, readonly Diagnostic[]>>;
  /**
   * What edges decided on where the restricted agents of these names, or all, wanted to go, in the order of time; with
   * `follow` then as they decide, until the signal is aborted or the caller breaks off. Reaches as far back as the edge
   * stands. Throws a {@link StreamError} where a name means nothing, an edge is missing or its log cannot be read; where
   * no agent is restricted there is just nothing to tell.
   */
  egressLog(
    path: string,
    names?: readonly string[],
    request?: EgressLogRequest & CallOptions,
  ): AsyncIterable<EdgeDecision>;
  /**
   * Has the edge decide on a host for an agent, resolve it and connect to it, without sending anything. The error says
   * why that cannot be told: no such agent, no edge.
   */
  egressTest(
    path: string,
    agent: string,
    target: EgressTarget,
    options?: CallOptions,
  ): Promise<Result<EgressTest, readonly Diagnostic[]>>;
  /**
   * What agents print: what is there already ordered by time where times are known, then as it comes. Ends with the
   * logs, or with `follow` when the agents are gone or the signal is aborted. Throws a {@link StreamError} when an agent
   * cannot be found or a log cannot be read.
   */
  logs(path: string, names?: readonly string[], request?: LogRequest & CallOptions): AsyncIterable<AgentLogLine>;
}

/** A runtime over the given drivers, directory and environment. It holds nothing open between two calls. */
export function createRuntimeOver(surroundings: Surroundings): Runtime {
  const open = (path: string, { signal = never, driver }: CallOptions) =>
    openWorkspace(path, surroundings, { signal, ...(driver ? { driver } : {}) });
  const sources = new WeakMap<Plan, RevisionSource>(); // of the plans that were made here, for the history
  const makePlan: Runtime['plan'] = async (path, request = {}) => {
    await using workspace = await open(path, request);
    const planned = await planWorkspace(workspace, request, request.signal ?? never);
    if (!planned.ok) return planned;
    const { plan } = planned.value;
    sources.set(plan, request.destroy ? 'removal' : sourceOf(workspace));
    return ok(plan);
  };
  /** Makes a plan while nobody else changes the workspace, and carries it out. */
  const underLock = async (
    path: string,
    { signal = never, onEvent = () => undefined, ...options }: Pick<ApplyCallOptions, 'signal' | 'driver' | 'onEvent'>,
    source: 'operation' | 'run',
    decide: (workspace: Workspace, signal: AbortSignal) => Promise<Result<Plan, readonly Diagnostic[]>>,
  ): Promise<Result<ApplyReport, readonly Diagnostic[]>> => {
    await using workspace = await open(path, { ...options, signal });
    const { reading, drivers, stateFolder } = workspace;
    const locked = await lockWorkspace(reading.project.workspace, stateFolder, 'program');
    if (!locked.ok) return err([locked.error]);
    await using _lock = locked.value;
    const planned = await decide(workspace, signal);
    if (!planned.ok) return planned;
    const ground = { drivers, stateFolder, values: reading.values, source } as const;
    return ok(
      await applyPlan(planned.value, ground, { drain: signal, abort: never, emit: onEvent, command: 'program' }),
    );
  };
  const operate =
    (type: OperationOrder['type']): Operate =>
    (path, agents, { gracePeriod, waitTimeout, ...options } = {}) => {
      const order = {
        type,
        ...(gracePeriod === undefined ? {} : { gracePeriod }),
        ...(waitTimeout === undefined ? {} : { waitTimeout }),
      };
      return underLock(path, options, 'operation', (workspace, signal) =>
        planOperationOn(workspace, agents, order, signal),
      );
    };
  return {
    validate: async (path, options = {}) => {
      await using workspace = await open(path, options);
      return workspace.diagnostics;
    },
    plan: makePlan,
    apply: async (plan, options = {}) => {
      if (hasErrors(plan.diagnostics)) return err(plan.diagnostics);
      await using ground = await openPlan({ plan, source: sources.get(plan) ?? 'saved-plan' }, surroundings);
      const locked = await lockWorkspace(plan.workspace, ground.stateFolder, 'program');
      if (!locked.ok) return err([locked.error]);
      await using _lock = locked.value;
      const { signal = never, onEvent = () => undefined } = options;
      return ok(
        await applyPlan(plan, ground, { ...options, drain: signal, abort: never, emit: onEvent, command: 'program' }),
      );
    },
    drift: async (path, options = {}) => {
      const planned = await makePlan(path, { ...options, allowDelete: true });
      return planned.ok ? ok(planned.value.drift) : planned;
    },
    run: async (path, request, { signal = never } = {}) => {
      const workspace = await open(path, { signal });
      const started = await runForProgram(workspace, path, request, { surroundings, signal });
      if (!started.ok) await workspace[Symbol.asyncDispose]();
      return started;
    },
    exec: async (path, name, request) => {
      const { signal = never, ...order } = request;
      await using workspace = await open(path, { signal });
      return await execForProgram(workspace, name, order, signal);
    },
    remove: (path, names, { force = false, ...options } = {}) =>
      underLock(path, options, 'run', (workspace, signal) => planRemoval(workspace, { names, force }, signal)),
    stop: operate('stop'),
    start: operate('start'),
    restart: operate('restart'),
    list: async (path, names = [], options = {}) => {
      await using workspace = await open(path, options);
      return await listAgents(workspace, names, options.signal ?? never);
    },
    inspect: async (path, names = [], options = {}) => {
      await using workspace = await open(path, options);
      return await inspectAgents(workspace, names, options.signal ?? never);
    },
    events: async function* (path, names = [], request = {}) {
      await using workspace = await open(path, request);
      yield* followEvents(workspace, names, request, { clock: systemClock, signal: request.signal ?? never });
    },
    stats: async function* (path, names = [], { interval = 2_000, ...options } = {}) {
      await using workspace = await open(path, options);
      if (names.length > 0) await agentsToRead(workspace, names, options.signal ?? never);
      yield* sampleWorkspace(workspace, names, { interval, signal: options.signal ?? never });
    },
    history: async (path, { limit = Infinity, ...options } = {}) => {
      await using workspace = await open(path, options);
      const recorded = await recordedRevisions(workspace.stateFolder, workspace.history.revisions);
      return [...recorded].reverse().slice(0, limit);
    },
    revision: async (path, revision, options = {}) => {
      await using workspace = await open(path, options);
      return await findRevision(workspace.stateFolder, workspace.history.revisions, revision);
    },
    egressLog: async function* (path, names = [], { signal = never, driver, ...request } = {}) {
      await using workspace = await open(path, { signal, ...(driver ? { driver } : {}) });
      const { edges, diagnostics } = await edgesToRead(workspace, names, signal);
      const first = diagnostics.find(({ severity }) => severity === 'error');
      if (first) throw new StreamError(first.message, diagnostics);
      const parts = { clock: systemClock, signal };
      for await (const news of egressNews(edges, workspace.drivers, { ...request, names }, parts)) {
        if (news.type === 'decision') yield news.decision;
        else if (news.unreadable) throw new StreamError(news.message);
      }
    },
    egressTest: async (path, agent, target, options = {}) => {
      await using workspace = await open(path, options);
      return await testEgress(workspace, agent, target, options.signal ?? never);
    },
    logs: async function* (path, names = [], request = {}) {
      await using workspace = await open(path, request);
      const agents = await agentsToRead(workspace, names, request.signal ?? never);
      const parts = { clock: systemClock, signal: request.signal ?? never, follow: request.follow === true };
      const opened = await openLogs(agents, workspace.drivers, request, parts);
      yield* eachLine(opened, mergeLogs(opened, parts));
    },
  };
}

/** The agents of a stream; throws a {@link StreamError} where one of the names means nothing or a driver cannot tell. */
async function agentsToRead(workspace: Workspace, names: readonly string[], signal: AbortSignal) {
  const { agents, diagnostics } = await listAgents(workspace, [], signal);
  const declared = workspace.reading.agents.map(({ name }) => name);
  const problems = [...diagnostics, ...unknownAgents(names, agents, declared)];
  const first = problems.find(({ severity }) => severity === 'error');
  if (first) throw new StreamError(first.message, problems);
  return agents.filter((agent) => names.length === 0 || names.some((name) => isNamed(agent, name)));
}

const never = new AbortController().signal;
