import { setTimeout as delay } from 'node:timers/promises';

/** Asks for the addresses of a name inside: `undefined` where that cannot be told just now. */
export type LookUp = (name: string) => Promise<readonly string[] | undefined>;

/** Names whose addresses come and go, asked for again and again. What could not be told stays as it was. */
export class Followed implements Disposable {
  readonly #lookUp: LookUp;
  readonly #interval: number;
  readonly #known = new Map<string, readonly string[]>();
  readonly #following = new Map<string, AbortController>();

  /** `interval` in milliseconds. */
  constructor(lookUp: LookUp, interval: number) {
    this.#lookUp = lookUp;
    this.#interval = interval;
  }

  /** Follows these names and no others from now on; resolves when the new ones have been asked for once. */
  async set(names: Iterable<string>): Promise<void> {
    const wanted = new Set(names);
    for (const [name, controller] of [...this.#following]) {
      if (wanted.has(name)) continue;
      controller.abort();
      this.#following.delete(name);
      this.#known.delete(name);
    }
    const fresh = [...wanted].filter((name) => !this.#following.has(name));
    await Promise.all(
      fresh.map(async (name) => {
        const controller = new AbortController();
        this.#following.set(name, controller);
        await this.#look(name);
        void this.#follow(name, controller.signal);
      }),
    );
  }

  /** The addresses of a followed name as they were a moment ago. */
  addresses(name: string): readonly string[] {
    return this.#known.get(name) ?? [];
  }

  [Symbol.dispose](): void {
    for (const controller of this.#following.values()) controller.abort();
    this.#following.clear();
  }

  async #follow(name: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      await delay(this.#interval, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      await this.#look(name);
    }
  }

  async #look(name: string): Promise<void> {
    const found = await this.#lookUp(name);
    if (found && this.#following.has(name)) this.#known.set(name, found);
  }
}
