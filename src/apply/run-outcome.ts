import type { DriverError, Outcome } from '../model/outcome.ts';
import type { PlanNode } from '../model/plan.ts';
import type { Answer } from './ask-driver.ts';
import type { Ground } from './ground.ts';

/** The ways in which a node that was begun can end. */
export type RunOutcome = Extract<Outcome, { readonly status: 'succeeded' | 'failed' | 'cancelled' }>;

/** A node that was begun, at `at` milliseconds since the epoch. */
export interface Begun<Step extends PlanNode['step']> {
  readonly node: PlanNode;
  readonly step: Step;
  readonly at: number;
}

/** The outcome that a driver's answer makes. */
export function outcomeOf(ground: Ground, begun: { readonly at: number }, answer: Answer<unknown>): RunOutcome {
  if (answer.cutOff) return cancelled(ground, begun);
  const { result, attempts } = answer;
  return result.ok
    ? { status: 'succeeded', elapsed: elapsed(ground, begun), attempts }
    : failed(ground, begun, result.error, attempts);
}

/** Failed with an error of our own. */
export function failed(ground: Ground, begun: { readonly at: number }, error: DriverError, attempts = 1): RunOutcome {
  return { status: 'failed', elapsed: elapsed(ground, begun), attempts, error };
}

/** Cut off by the person who started it. */
export function cancelled(ground: Ground, begun: { readonly at: number }): RunOutcome {
  return { status: 'cancelled', elapsed: elapsed(ground, begun) };
}

function elapsed({ clock }: Ground, { at }: { readonly at: number }): number {
  return clock.now() - at;
}
