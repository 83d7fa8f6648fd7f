/** The diagnostics log as the stages see it: structured fields and a message. */
export interface Log {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** A log that keeps nothing. */
export const silentLog: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
