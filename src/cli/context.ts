import type { DriverName } from '../model/agent.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Surroundings } from '../runtime/workspace.ts';
import type { Log } from '../util/log.ts';
import type { Interruption } from './interruption.ts';
import type { StandardStreams } from './standard-streams.ts';
import type { Terminal } from './terminal.ts';

/** What every command works with. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Untouched, for who connects a person with an agent. */
  readonly streams: StandardStreams;
  readonly surroundings: Surroundings;
  readonly interruption: Interruption;
  readonly log: Log;
  /** The command line as it was typed, for the journal. */
  readonly commandLine: string;
}

/** Options that several commands share, as commander hands them over. */
export interface CommonOptions {
  readonly driver?: DriverName;
  readonly format: 'text' | 'json' | 'jsonl';
}

/** Diagnostics and the texts they point into. */
export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
}
