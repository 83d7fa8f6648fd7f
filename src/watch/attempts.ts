import { parseAddress } from '../model/address.ts';
import type { ApplyReport } from '../model/outcome.ts';
import type { Change } from '../model/plan.ts';
import { canonicalJson } from '../util/json.ts';
import { backoff, jittered } from './backoff.ts';

/** How the last try of an agent failed. Times are milliseconds since the epoch. */
interface Attempt {
  readonly tries: number;
  readonly message: string;
  /** Not before. */
  readonly until: number;
  /** An error that only a change can help against. */
  readonly isTerminal: boolean;
  /** The manifest that was tried. */
  readonly revision: string;
  /** What was left to do right after it. */
  readonly left?: string;
}

/** Remembers which agents failed, and says when to try them again: one that fails keeps no other waiting. */
export interface Attempts {
  /** Learns from a run; `revisionOf` tells the state of an agent's manifest. */
  settle(report: ApplyReport, revisionOf: (agent: string) => string): void;
  /** Why an agent is not tried now. What is no longer the case is forgotten. */
  holds(
    agent: string,
    revision: string,
    changes: readonly Change[],
  ): { readonly message: string; readonly until?: number } | undefined;
  /** When the next one is due. */
  nextAt(): number | undefined;
  /** Tries all of them at once. */
  forget(): void;
}

/** Attempts of which none has failed yet. Pauses are those of {@link backoff}. */
export function createAttempts(now: () => number, random: () => number): Attempts {
  const failed = new Map<string, Attempt>();
  return {
    settle({ nodes }, revisionOf) {
      const errors = new Map<string, { readonly message: string; readonly isTerminal: boolean }>();
      for (const { node, outcome } of nodes) {
        const agent = parseAddress(node.step.address)?.name;
        if (agent === undefined || node.step.kind !== 'agent') continue;
        if (outcome.status === 'succeeded' && !errors.has(agent)) failed.delete(agent);
        if (outcome.status !== 'failed' || errors.get(agent)?.isTerminal) continue;
        const { message, code, retry } = outcome.error;
        // What has moved under a plan, or was cut off, is not the agent's fault: the next run sees it anew.
        const isTerminal = retry === 'terminal' && code !== 'moved' && code !== 'aborted' && code !== 'timeout';
        errors.set(agent, { message, isTerminal });
      }
      for (const [agent, error] of errors) {
        const revision = revisionOf(agent);
        const before = failed.get(agent);
        const tries = before?.revision === revision ? before.tries + 1 : 1;
        failed.set(agent, { ...error, revision, tries, until: now() + jittered(backoff(tries - 1), random) });
      }
    },
    holds(agent, revision, changes) {
      const attempt = failed.get(agent);
      if (!attempt) return undefined;
      if (attempt.revision !== revision) {
        failed.delete(agent);
        return undefined;
      }
      const { message, until, isTerminal } = attempt;
      const left = canonicalJson(changes.map(({ address, action, cause }) => [address, action, cause.type]));
      if (attempt.left === undefined) failed.set(agent, { ...attempt, left });
      const isDue = now() >= until;
      const isSame = attempt.left === undefined || attempt.left === left;
      if (isTerminal && isSame) return { message };
      return isDue ? undefined : { message, until };
    },
    nextAt() {
      const waiting = [...failed.values()].filter(({ isTerminal, until }) => !isTerminal && until > now());
      const due = waiting.map(({ until }) => until);
      return due.length === 0 ? undefined : Math.min(...due);
    },
    forget: () => failed.clear(),
  };
}
