import type { EdgeTarget } from '../model/edge.ts';

/** A replica that a connection can be sent to. */
export interface Candidate extends EdgeTarget {
  readonly id: string;
}

/** How long a replica that could not be connected to is asked last, in milliseconds. */
const doubtFor = 1000;

/**
 * Which replica gets the next connection: of the ready ones the one with the fewest, in turn where several have as few.
 * One that refused a connection a moment ago comes after the others; draining ones, and those that do not answer well,
 * come only when nothing else is left, as a late answer beats none.
 */
export class Pool {
  readonly #open = new Map<string, number>();
  readonly #doubted = new Map<string, number>();
  readonly #unwell = new Set<string>();
  #turn = 0;

  /** All replicas of a group in the order in which to try them. */
  order(targets: Readonly<Record<string, EdgeTarget>>, now: number): readonly Candidate[] {
    const entries = Object.entries(targets).map(([id, target]) => ({ id, ...target }));
    this.#turn = entries.length === 0 ? 0 : (this.#turn + 1) % entries.length;
    const turned = [...entries.slice(this.#turn), ...entries.slice(0, this.#turn)];
    const rank = ({ id, state }: Candidate): number =>
      (this.isWell(id) ? 0 : 4) +
      (state === 'draining' ? 2 : 0) +
      (now - (this.#doubted.get(id) ?? -doubtFor) < doubtFor ? 1 : 0);
    return turned.sort((left, right) => rank(left) - rank(right) || this.open(left.id) - this.open(right.id));
  }

  /** How many connections a replica has. */
  open(id: string): number {
    return this.#open.get(id) ?? 0;
  }

  /** Counts a connection; what is returned ends it, once. */
  take(id: string): () => void {
    this.#open.set(id, this.open(id) + 1);
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      const left = this.open(id) - 1;
      if (left > 0) this.#open.set(id, left);
      else this.#open.delete(id);
    };
  }

  /** Whether its check finds that it answers well, or it has none. */
  isWell(id: string): boolean {
    return !this.#unwell.has(id);
  }

  /** What its check has found. */
  judge(id: string, isWell: boolean): void {
    if (isWell) this.#unwell.delete(id);
    else this.#unwell.add(id);
  }

  /** A connection to it failed at `now`. */
  doubt(id: string, now: number): void {
    this.#doubted.set(id, now);
  }

  /** It answered, or is gone. */
  trust(id: string): void {
    this.#doubted.delete(id);
  }
}
