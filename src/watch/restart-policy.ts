import type { RestartPolicySpec } from '../model/spec.ts';
import type { Supervision, SupervisionState } from '../model/supervision.ts';
import { assertNever } from '../util/assert-never.ts';
import { backoff, jittered } from './backoff.ts';

/** What a look at an object says of its process. `life` is when that process started. */
export type Seen =
  | { readonly type: 'running'; readonly life: string }
  /** `asked`: aac stopped it. */
  | { readonly type: 'ended'; readonly life: string; readonly exitCode?: number; readonly asked: boolean };

/** What a decision depends on besides what was seen. */
export interface PolicyContext {
  readonly policy: RestartPolicySpec;
  readonly now: number;
  readonly random: () => number;
}

const failureWindow = 10 * 60_000;
const failuresThatEnd = 10;
/** A life shorter than this never ends a row of failures. */
const shortestSteadyLife = 10_000;

/** The beginning of supervising an object whose process is `life`. */
export function beginSupervision(ref: string, life: string): Supervision {
  return { format: 1, ref, life, restarts: 0, streak: 0, failures: [], state: { type: 'running' }, health: 'none' };
}

/**
 * The supervision after a look:
 *
 * ```
 *              ended, or unhealthy          `until` is past           a new life
 *   running ─────────────────────▶ waiting ────────────▶ restarting ────────────▶ running
 *      │                              ▲                       │
 *      │ ended, policy leaves it      └── start was refused ──┘
 *      ├───────────────────────────▶ done
 *      │ too many failures
 *      ├───────────────────────────▶ failed
 *      │ ended by aac's own stop
 *      └───────────────────────────▶ stopped
 *
 *   any but restarting ── a new life: somebody else started it ──▶ running, with a clean slate
 * ```
 *
 * The end of one life is counted once, whoever sees it how often.
 */
export function afterLook(before: Supervision, seen: Seen, context: PolicyContext): Supervision {
  const known = seen.life === before.life ? before : afterNewLife(before, seen.life);
  switch (seen.type) {
    case 'running':
      return known;
    case 'ended':
      return afterEnd(known, seen, context);
    default:
      return assertNever(seen);
  }
}

/** The supervision after its health check has turned it unhealthy. */
export function afterUnhealthy(before: Supervision, message: string, context: PolicyContext): Supervision {
  if (before.state.type !== 'running' || context.policy.name === 'never') return before;
  return afterFailure(before, `unhealthy: ${message}`, context);
}

/** Healthy again before it was restarted, or after it was given up: then it is left alone. */
export function afterRecovery(before: Supervision): Supervision {
  const { type } = before.state;
  return type === 'waiting' || type === 'failed' ? { ...before, state: { type: 'running' } } : before;
}

/** To be written before the restart is begun, so that a supervisor killed in between is carried on by the next. */
export function beginRestart(before: Supervision): Supervision {
  const because = 'because' in before.state ? before.state.because : '';
  return { ...before, state: { type: 'restarting', because } };
}

/** A restart that could not be made; `counts` unless it was only not the time for it. */
export function afterRefusal(
  before: Supervision,
  refusal: { readonly message: string; readonly counts: boolean },
  context: PolicyContext,
): Supervision {
  if (refusal.counts) return afterFailure(before, refusal.message, context);
  const until = context.now + jittered(backoff(0), context.random);
  return { ...before, state: { type: 'waiting', until, because: refusal.message } };
}

/** When the supervisor has to restart it; `undefined` when it has not. */
export function restartDue({ state }: Supervision): number | undefined {
  switch (state.type) {
    case 'waiting':
      return state.until;
    case 'restarting': // whoever began it was killed
      return 0;
    case 'running':
    case 'done':
    case 'stopped':
    case 'failed':
      return undefined;
    default:
      return assertNever(state);
  }
}

function afterNewLife(before: Supervision, life: string): Supervision {
  const { healthMessage: _, ...rest } = before;
  const born = { ...rest, life, health: 'none', state: { type: 'running' } } as const;
  if (before.state.type === 'restarting') return { ...born, restarts: before.restarts + 1 };
  return { ...born, streak: 0, failures: [] };
}

function afterEnd(known: Supervision, seen: Seen & { readonly type: 'ended' }, context: PolicyContext): Supervision {
  const { state } = known;
  if (state.type === 'restarting') return known; // its own stop, or a start that is still to come
  if (seen.asked) return state.type === 'stopped' ? known : { ...known, state: { type: 'stopped' } };
  if (state.type !== 'running') return known;
  if (!wantsRestart(context.policy, seen.exitCode)) return { ...known, state: { type: 'done' } };
  const because = seen.exitCode === undefined ? 'ended' : `exited with code ${String(seen.exitCode)}`;
  return afterFailure(known, because, context);
}

function wantsRestart({ name }: RestartPolicySpec, exitCode: number | undefined): boolean {
  switch (name) {
    case 'always':
      return true;
    case 'on-failure':
      return exitCode !== 0;
    case 'never':
      return false;
    default:
      return assertNever(name);
  }
}

function afterFailure(before: Supervision, because: string, context: PolicyContext): Supervision {
  const { policy, now, random } = context;
  const streak = lasted(before, now) ? 0 : before.streak;
  const failures = [...before.failures.filter((at) => now - at < failureWindow), now].slice(-failuresThatEnd);
  const given = givenUp(policy, streak, failures.length);
  const state: SupervisionState = given
    ? { type: 'failed', because: `${because}; ${given}` }
    : { type: 'waiting', until: now + jittered(backoff(streak), random), because };
  return { ...before, failures, state, streak: given ? streak : streak + 1 };
}

/** Whether this life was long enough to start counting anew. */
function lasted({ life, streak }: Supervision, now: number): boolean {
  const started = Date.parse(life);
  const current = streak === 0 ? 0 : backoff(streak - 1);
  return !Number.isNaN(started) && now - started >= Math.max(shortestSteadyLife, 2 * current);
}

function givenUp({ name, maxRetries }: RestartPolicySpec, streak: number, failures: number): string | undefined {
  if (name === 'always') return undefined;
  if (maxRetries > 0 && streak >= maxRetries) return `given up after ${String(streak)} restarts`;
  return failures >= failuresThatEnd ? `given up after ${String(failures)} failures in 10 minutes` : undefined;
}
