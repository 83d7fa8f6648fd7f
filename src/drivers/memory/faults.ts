import type { Address } from '../../model/address.ts';
import type { DriverError } from '../../model/outcome.ts';
import type { Call } from '../../model/plan.ts';
import { err, type Result } from '../../util/result.ts';

/** What a driver can be asked. */
export type Request =
  | { readonly method: 'execute'; readonly verb: Call['verb']; readonly address: Address }
  | { readonly method: 'inspect'; readonly address: Address }
  | { readonly method: 'observe' | 'probe' | 'stats' };

/** Which requests are meant: those that have all the given properties. */
export interface Match {
  /** `execute` unless told. */
  readonly method?: Request['method'];
  readonly verb?: Call['verb'];
  readonly address?: Address;
  /** Only the n-th that matches otherwise, counted from 1; absent: each. */
  readonly nth?: number;
}

/** What goes wrong. With `after`, it does so once the request has had its effect. */
export type FaultEffect =
  | { readonly type: 'fail'; readonly error: DriverError; readonly after?: true }
  /** Throws, as a defect would. */
  | { readonly type: 'crash'; readonly after?: true }
  /** Never answers; unless `deaf`, it ends when it is aborted. */
  | { readonly type: 'hang'; readonly deaf?: true; readonly after?: true };

/** A fault and where it strikes. */
export interface Fault {
  readonly on: Match;
  readonly effect: FaultEffect;
}

/** Faults in order of precedence: the first that matches a request strikes. */
export type FaultScript = readonly Fault[];

/** Finds the fault of each request; holds how many requests each has seen. */
export function faultFinder(script: FaultScript): (request: Request) => FaultEffect | undefined {
  const counts = new Map<Fault, number>();
  return (request) => {
    let found: FaultEffect | undefined;
    for (const fault of script) {
      if (!matches(fault.on, request)) continue;
      const count = (counts.get(fault) ?? 0) + 1;
      counts.set(fault, count);
      if (fault.on.nth === undefined || fault.on.nth === count) found ??= fault.effect;
    }
    return found;
  };
}

/** Answers a request as the fault has it. */
export async function strike<T>(effect: FaultEffect, signal: AbortSignal): Promise<Result<T, DriverError>> {
  switch (effect.type) {
    case 'fail':
      return err(effect.error);
    case 'crash':
      throw new Error('scripted crash');
    case 'hang':
      await (effect.deaf ? new Promise<void>(() => undefined) : aborted(signal));
      return err(abortedError);
  }
}

/** The answer to a request whose signal was aborted. */
export const abortedError: DriverError = { code: 'aborted', retry: 'terminal', message: 'the call was cut off' };

/** Holds the requests it matches until it is opened; how a test looks at the middle of something. */
export interface Gate {
  readonly on: Match;
  /** Resolves when the first request has come to the gate. */
  readonly reached: Promise<void>;
  open(): void;
  /** Resolves when the gate is open or the signal aborted. */
  pass(signal: AbortSignal): Promise<void>;
}

/** A closed gate. */
export function createGate(on: Match): Gate {
  let arrive: () => void = () => undefined;
  let open: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (arrive = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    on,
    reached,
    open: () => open(),
    pass: async (signal) => {
      arrive();
      await Promise.race([opened, aborted(signal)]);
    },
  };
}

/** Whether a request is one of those meant; does not count. */
export function matches(on: Match, request: Request): boolean {
  if ((on.method ?? 'execute') !== request.method) return false;
  if (on.verb !== undefined && !(request.method === 'execute' && request.verb === on.verb)) return false;
  if (on.address === undefined) return true;
  return (request.method === 'execute' || request.method === 'inspect') && request.address === on.address;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
