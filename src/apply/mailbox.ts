/** What several pieces of work deliver in whatever order they end, for one reader. */
export class Mailbox<T> {
  readonly #delivered: Promise<T>[] = [];
  #wake: () => void = () => undefined;

  /** Has the outcome of `work` delivered once it is there. */
  expect(work: Promise<T>): void {
    const deliver = () => {
      this.#delivered.push(work);
      this.#wake();
    };
    work.then(deliver, deliver);
  }

  /** The next delivery, waiting for it if need be. Rejects when that piece of work has. */
  async take(): Promise<T> {
    for (;;) {
      const next = this.#delivered.shift();
      if (next) return next;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
