/** One thing of a machine that was looked at, and what aac can make of it. */
export interface Finding {
  /** One or two words: `engine`, `storage`. */
  readonly topic: string;
  /** `limited`: aac works, and there is something it cannot do here; `broken`: aac cannot work with this. */
  readonly status: 'ok' | 'limited' | 'broken';
  /** What was found, in a line. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}
