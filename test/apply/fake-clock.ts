import { setImmediate as idle } from 'node:timers/promises';
import type { Clock } from '../../src/util/clock.ts';

/**
 * A clock that stands still until it is moved. An `automatic` one moves on to the next timer by itself whenever nothing
 * else is left to do, so that what takes hours takes no time.
 */
export class FakeClock implements Clock {
  readonly #automatic: boolean;
  readonly #timers = new Map<() => void, number>();
  #now = Date.UTC(2026, 0, 1);
  #ticking = false;

  constructor(options: { readonly automatic: boolean } = { automatic: false }) {
    this.#automatic = options.automatic;
  }

  now(): number {
    return this.#now;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const end = (finish: () => void) => {
        this.#timers.delete(ring);
        signal?.removeEventListener('abort', abort);
        finish();
      };
      const ring = () => end(resolve);
      const abort = () => end(() => reject(new Error('aborted')));
      signal?.addEventListener('abort', abort);
      this.#timers.set(ring, this.#now + milliseconds);
      if (this.#automatic) void this.#tick();
    });
  }

  /** Moves on by so many milliseconds; each timer on the way rings at its time, and what follows from it comes first. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await idle();
    for (let next = this.#next(); next && next.at <= end; next = this.#next()) {
      this.#now = next.at;
      next.ring();
      await idle();
    }
    this.#now = end;
  }

  async #tick(): Promise<void> {
    if (this.#ticking) return;
    this.#ticking = true;
    await idle();
    for (let next = this.#next(); next; next = this.#next()) {
      this.#now = next.at;
      next.ring();
      await idle();
    }
    this.#ticking = false;
  }

  #next(): { readonly ring: () => void; readonly at: number } | undefined {
    let first: { readonly ring: () => void; readonly at: number } | undefined;
    for (const [ring, at] of this.#timers) if (!first || at < first.at) first = { ring, at };
    return first;
  }
}
