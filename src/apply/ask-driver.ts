import type { DriverError } from '../model/outcome.ts';
import type { PlanNode } from '../model/plan.ts';
import { err, type Result } from '../util/result.ts';
import { bounded } from './bounded.ts';
import type { Ground } from './ground.ts';
import { retry, type Attempted } from './retry.ts';

/** One question to a driver. */
export interface Ask<T> {
  /** What is asked, as the start of a sentence: `` `remove` of `shop-web-0` ``. */
  readonly what: string;
  /** Milliseconds, for each attempt. */
  readonly deadline: number;
  /** Cuts the asking off. */
  readonly signal: AbortSignal;
  readonly call: (signal: AbortSignal) => Promise<Result<T, DriverError>>;
}

/** The driver's answer, or that the signal came first. */
export type Answer<T> = ({ readonly cutOff: false } & Attempted<T>) | { readonly cutOff: true };

/** Asks a driver with a deadline and retries. Whatever the driver does, throws or fails to do, this answers. */
export async function askDriver<T>(ground: Ground, node: PlanNode, ask: Ask<T>): Promise<Answer<T>> {
  const { clock, random, emit } = ground;
  const { result, attempts } = await retry(() => attempt(ground, node, ask), {
    clock,
    random,
    signal: ask.signal,
    onRetry: (attempt, delay, error) => emit({ type: 'node-retrying', node, attempt, delay, error, at: clock.now() }),
  });
  return !result.ok && ask.signal.aborted ? { cutOff: true } : { cutOff: false, result, attempts };
}

async function attempt<T>({ clock }: Ground, node: PlanNode, ask: Ask<T>): Promise<Result<T, DriverError>> {
  const ended = await bounded(ask.call, { clock, deadline: ask.deadline, signal: ask.signal });
  switch (ended.type) {
    case 'done':
      return ended.value;
    case 'timeout':
      return err(timeoutError(node, ask));
    case 'aborted':
      return err({ code: 'aborted', retry: 'terminal', message: `${ask.what} was cut off` });
    case 'thrown':
      return err(internalError(node, ended.error));
  }
}

function timeoutError(node: PlanNode, { what, deadline }: Pick<Ask<never>, 'what' | 'deadline'>): DriverError {
  return {
    code: 'timeout',
    // An engine that hangs in a call stays so: waiting as long once more would only keep people from knowing.
    retry: 'terminal',
    message: `${what} was not answered within ${String(deadline / 1_000)} s`,
    hint:
      `an engine can hang in one call while it still answers others: restart the engine of the \`${node.step.driver}\` ` +
      'driver, then apply again',
  };
}

function internalError(node: PlanNode, error: unknown): DriverError {
  return {
    code: 'internal',
    retry: 'terminal',
    message: `the \`${node.step.driver}\` driver has a defect: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'please report it, with the output of `--log-level debug`',
  };
}
