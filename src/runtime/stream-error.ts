import type { Diagnostic } from '../model/diagnostic.ts';

/** What a stream of a runtime throws when it cannot begin or go on. */
export class StreamError extends Error {
  override readonly name = 'StreamError';
  /** What is wrong with what was asked for, or with where it is; empty when a driver failed later, see `cause`. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(message: string, diagnostics: readonly Diagnostic[] = [], options?: ErrorOptions) {
    super(message, options);
    this.diagnostics = diagnostics;
  }
}
