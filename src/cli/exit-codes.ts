/** What the process ends with. */
export const exitCodes = {
  /** Done, or nothing to do. */
  ok: 0,
  /** Failed, invalid or declined. */
  failed: 1,
  /** `--detailed-exitcode`: changes are pending; `drift`: the world has moved. */
  pending: 2,
  /** `egress test`: what was asked for is denied or does not answer. */
  unreached: 2,
  /** `run`, `exec`: aac could not run the command; 126 and 127 are a shell's: not executable, not found. */
  notRun: 125,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
