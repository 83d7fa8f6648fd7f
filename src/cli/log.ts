import pino from 'pino';
import type { Log } from '../util/log.ts';
import type { Terminal } from './terminal.ts';

/** The levels `--log-level` takes. */
export const logLevels = ['debug', 'info', 'warn', 'silent'] as const;

/** The diagnostics log: JSON lines on stderr, redacted like everything else that is printed. */
export function createLog(level: string, terminal: Terminal): Log {
  return pino({ level, base: null }, { write: (line) => terminal.error(line) });
}
