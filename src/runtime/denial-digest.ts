import type { EgressDenial } from '../model/agent-event.ts';
import type { EdgeDecision } from '../model/edge.ts';

/** Milliseconds in which refusals of the same way out are told once. */
export const digestWindow = 60_000;

/** Refusals that have not been told since the last one that was. */
interface Held {
  /** When the last one that was told happened. */
  readonly told: number;
  readonly count: number;
  readonly last?: EdgeDecision;
}

/**
 * Keeps refusals that repeat themselves from drowning everything else: the first of an agent to a host and port is told
 * at once, what follows within a minute as one, with its number, when the minute is over.
 */
export class DenialDigest {
  readonly #held = new Map<string, Held>();

  /** What is to be told of a refusal at once. */
  hear(decision: EdgeDecision): readonly EgressDenial[] {
    const at = Date.parse(decision.time);
    const key = JSON.stringify([decision.agent, decision.host, decision.port]);
    const held = this.#held.get(key);
    if (held && at - held.told < digestWindow) {
      this.#held.set(key, { ...held, count: held.count + 1, last: decision });
      return [];
    }
    this.#held.set(key, { told: at, count: 0 });
    return [...toldOf(held), { ...denial(decision, 1) }];
  }

  /** What has been held back for a minute at `now`, milliseconds since the epoch. */
  due(now: number): readonly EgressDenial[] {
    const over = [...this.#held].filter(([, { told }]) => now - told >= digestWindow);
    return over.flatMap(([key, held]) => {
      if (held.last) this.#held.set(key, { told: Date.parse(held.last.time), count: 0 });
      else this.#held.delete(key);
      return toldOf(held);
    });
  }
}

function toldOf(held: Held | undefined): readonly EgressDenial[] {
  return held?.last ? [denial(held.last, held.count)] : [];
}

function denial({ time, agent, via, host, port, reason }: EdgeDecision, count: number): EgressDenial {
  const why = reason === undefined ? {} : { reason };
  return { type: 'egress-denied', at: Date.parse(time), agent, host, port, via, count, ...why };
}
