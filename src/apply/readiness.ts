import type { ProbeResult } from '../drivers/driver.ts';
import { fieldPath, type FieldPath } from '../model/field-path.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { Wait } from '../model/plan.ts';
import { toAgentSpec, type HealthCheck, type HealthCheckTiming, type RestartPolicySpec } from '../model/spec.ts';
import { isRunning } from '../model/version.ts';

/** What a series of health checks says. Times are milliseconds since the epoch. */
export interface Probing {
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  /** Successes or failures in a row, of which one is always 0. */
  readonly successes: number;
  readonly failures: number;
  /** When the start period ends; the first success ends it too. */
  readonly graceEnds: number;
  /** What the last failure said. */
  readonly message?: string;
}

/** The state before the first check of something that was started at `now`. */
export function beginProbing(timing: HealthCheckTiming, now: number): Probing {
  return { status: 'starting', successes: 0, failures: 0, graceEnds: now + timing.startPeriod };
}

/**
 * The state after one more check: results have to be the same several times in a row before they count.
 *
 * ```
 *             successThreshold successes
 *  starting ────────────────────────────▶ healthy
 *     │                                    │   ▲
 *     │ `retries` failures, not counted    │   │ successThreshold successes
 *     │ during the start period            ▼   │
 *     └─────────────────────────────────▶ unhealthy
 * ```
 *
 * A check that could not run counts neither way.
 */
export function afterProbe(state: Probing, timing: HealthCheckTiming, result: ProbeResult, now: number): Probing {
  switch (result.status) {
    case 'error':
      return state;
    case 'success': {
      const successes = state.successes + 1;
      const status = successes >= timing.successThreshold ? 'healthy' : state.status;
      return { ...state, status, successes, failures: 0, graceEnds: Math.min(state.graceEnds, now) };
    }
    case 'failure': {
      const excused = state.status === 'starting' && now < state.graceEnds;
      const failures = excused ? 0 : state.failures + 1;
      const status = failures >= timing.retries ? 'unhealthy' : state.status;
      return { ...state, status, successes: 0, failures, message: result.message };
    }
  }
}

/** How far a wait has come. Times are milliseconds since the epoch. */
export interface WaitState {
  /** The life that is being watched: changes when the process is started anew. */
  readonly life?: { readonly id: string; readonly since: number };
  /** Restarts counted by the driver when the wait began. */
  readonly restartsBefore?: number;
  /** Since when it has been seen as exited, all the time. */
  readonly exitedSince?: number;
  readonly probing?: Probing;
  readonly healthySince?: number;
  readonly drainingSince?: number;
}

/** What is to be done next. `pause` in milliseconds. */
export type WaitVerdict =
  | { readonly type: 'met' }
  | { readonly type: 'failed'; readonly message: string; readonly field: FieldPath }
  | { readonly type: 'probe'; readonly check: HealthCheck }
  | { readonly type: 'pause'; readonly pause: number; readonly lacking: string };

/** A state and what follows from it. */
export interface WaitStep<Verdict = WaitVerdict> {
  readonly state: WaitState;
  readonly verdict: Verdict;
}

/** A verdict that asks for nothing more. */
export type SettledVerdict = Exclude<WaitVerdict, { readonly type: 'probe' }>;

/** Two sights of a running process that lie this far apart count as started, and as ready where there is no check. */
const steadyFor = 500;
/** A longer pause would notice a crash late. */
const longestPause = 1_000;
const pauseBeforeRunning = 200;
const restartsThatFail = 5;
/** An exit that nothing has followed up for so long is final: what is about to restart it would say so by then. */
const exitIsFinalAfter = 5_000;

/** What a look at the object says; `undefined` when it is gone. */
export function afterLook(
  wait: Wait,
  before: WaitState,
  observed: ObservedResource | undefined,
  now: number,
): WaitStep {
  if (wait.until === 'drained') return whileDraining(wait, before, observed, now);
  if (!observed) return { state: before, verdict: failed(`\`${wait.target.name}\` is gone`) };
  const restartsBefore = before.restartsBefore ?? observed.restarts;
  const exitedSince = observed.phase === 'exited' ? (before.exitedSince ?? now) : undefined;
  const { exitedSince: _, ...rest } = before;
  const state: WaitState = { ...rest, restartsBefore, ...(exitedSince === undefined ? {} : { exitedSince }) };
  if (observed.restarts - restartsBefore >= restartsThatFail) {
    return { state, verdict: failed(`\`${observed.name}\` keeps crashing: ${exitOf(observed)}`) };
  }
  switch (observed.phase) {
    case 'exists':
      return { state, verdict: { type: 'met' } };
    case 'running':
      return wait.until === 'completed'
        ? { state, verdict: pause(pauseBeforeRunning, 'it is still running') }
        : whileRunning(wait, state, observed, now);
    case 'exited':
      return { state, verdict: onExit(wait, observed, now - (exitedSince ?? now)) };
    case 'created':
    case 'restarting':
    case 'paused':
      return { state: lifeless(state), verdict: pause(pauseBeforeRunning, `it is ${observed.phase}`) };
    case 'removing':
    case 'dead':
      return { state, verdict: failed(`\`${observed.name}\` is ${observed.phase}`) };
  }
}

/** What a health check says. Only after a verdict `probe`. */
export function afterCheck(wait: Wait, before: WaitState, result: ProbeResult, now: number): WaitStep<SettledVerdict> {
  const { check } = wait;
  if (!check) return { state: before, verdict: { type: 'met' } };
  const probing = afterProbe(before.probing ?? beginProbing(check, now), check, result, now);
  const { healthySince: was, ...rest } = before;
  if (probing.status !== 'healthy') {
    const state = { ...rest, probing };
    if (probing.status === 'starting') return { state, verdict: pause(check.startInterval, describeProbe(result)) };
    return {
      state,
      verdict: failed(
        `\`${wait.target.name}\` is unhealthy: ${probing.message ?? 'no reason given'}`,
        fieldPath('healthCheck'),
      ),
    };
  }
  const healthySince = was ?? now;
  const state = { ...rest, probing, healthySince };
  const left = healthySince + wait.minReady - now;
  if (left <= 0) return { state, verdict: { type: 'met' } };
  return { state, verdict: pause(Math.min(left, check.startInterval), 'it has to stay healthy for a while') };
}

function describeProbe(result: ProbeResult): string {
  switch (result.status) {
    case 'success':
      return 'the health check has to succeed once more';
    case 'failure':
      return `the health check failed: ${result.message}`;
    case 'error':
      return `the health check could not run: ${result.message}`;
  }
}

function whileRunning(wait: Wait, before: WaitState, observed: ObservedResource, now: number): WaitStep {
  const id = `${observed.ref} ${observed.startedAt ?? ''} ${String(observed.restarts)}`;
  const state: WaitState = before.life?.id === id ? before : { ...lifeless(before), life: { id, since: now } };
  const { check } = wait;
  if (check && wait.until === 'ready') {
    return {
      state: { ...state, probing: state.probing ?? beginProbing(check, now) },
      verdict: { type: 'probe', check },
    };
  }
  const left = (state.life?.since ?? now) + steadyFor + wait.minReady - now;
  if (left <= 0) return { state, verdict: { type: 'met' } };
  return { state, verdict: pause(Math.min(left, longestPause), 'it has to stay up for a while') };
}

/** What does not run has nobody left to wait for. */
function whileDraining(wait: Wait, before: WaitState, observed: ObservedResource | undefined, now: number): WaitStep {
  const drainingSince = before.drainingSince ?? now;
  const left = drainingSince + wait.minReady - now;
  if (!observed || !isRunning(observed) || left <= 0) return { state: before, verdict: { type: 'met' } };
  return {
    state: { ...before, drainingSince },
    verdict: pause(left, 'requests by its name may still be on their way'),
  };
}

/** What was learned of a process that is no more says nothing about the next. */
function lifeless({ life: _life, probing: _probing, healthySince: _healthy, ...rest }: WaitState): WaitState {
  return rest;
}

function onExit(wait: Wait, observed: ObservedResource, exitedFor: number): WaitVerdict {
  const policy = toAgentSpec(observed.live).restartPolicy;
  const done = observed.exitCode === 0 && (policy.name === 'never' || wait.until === 'completed');
  if (done) return { type: 'met' };
  const final = !mayRestart(policy, observed) || exitedFor >= exitIsFinalAfter;
  if (!final) return pause(pauseBeforeRunning, exitOf(observed));
  return failed(`\`${observed.name}\` ${exitOf(observed)}`);
}

function mayRestart(policy: RestartPolicySpec, observed: ObservedResource): boolean {
  switch (policy.name) {
    case 'never':
      return false;
    case 'always':
      return true;
    case 'on-failure':
      return observed.exitCode !== 0 && (policy.maxRetries === 0 || observed.restarts < policy.maxRetries);
  }
}

function exitOf(observed: ObservedResource): string {
  return observed.exitCode === undefined
    ? 'ended without an exit code'
    : `exited with code ${String(observed.exitCode)}`;
}

/** Without a field at fault it is the command that did not last. */
function failed(message: string, field = fieldPath('command')): SettledVerdict {
  return { type: 'failed', message, field };
}

function pause(milliseconds: number, lacking: string): SettledVerdict {
  return { type: 'pause', pause: milliseconds, lacking };
}
