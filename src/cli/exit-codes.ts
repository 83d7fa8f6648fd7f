/** What the process ends with. */
export const exitCodes = {
  /** Done, or nothing to do. */
  ok: 0,
  /** Failed, invalid or declined. */
  failed: 1,
  /** `--detailed-exitcode`: changes are pending; `drift`: the world has moved. */
  pending: 2,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
