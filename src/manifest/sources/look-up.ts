/** What a source says about one key. */
export type LookUp =
  | { readonly status: 'found'; readonly value: string }
  /** It is not there; `where` was looked. */
  | { readonly status: 'absent'; readonly where: string; readonly hint?: string }
  /** The source cannot be read; `message` is a sentence about it. */
  | { readonly status: 'failed'; readonly message: string; readonly hint?: string };

/** The keys that a source has of one name. */
export type Keys =
  { readonly status: 'found'; readonly keys: readonly string[] } | Exclude<LookUp, { readonly status: 'found' }>;

/** Secrets or configs, as one kind of source has them. */
export interface Source {
  read(name: string, key: string, signal: AbortSignal | undefined): Promise<LookUp>;
  list(name: string): Promise<Keys>;
}
