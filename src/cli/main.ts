import { CommanderError } from 'commander';
import { silentLog, type Log } from '../util/log.ts';
import type { CommandContext } from './context.ts';
import { driverFactories } from './drivers.ts';
import { exitCodes } from './exit-codes.ts';
import { listenForInterruption } from './interruption.ts';
import { buildProgram } from './program.ts';
import { standardStreams } from './standard-streams.ts';
import { processTerminal } from './terminal.ts';

/**
 * Runs one command of this process and answers its exit code. Whatever is thrown ends here, in one line: thrown is a
 * bug, so the stack goes to the diagnostics log and the line says how to see it.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const terminal = processTerminal(process);
  using interruption = listenForInterruption(process);
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  let log: Log = silentLog;
  const context: CommandContext = {
    terminal,
    streams: standardStreams(process),
    surroundings: { cwd: process.cwd(), environment: process.env, drivers: driverFactories(process.env) },
    interruption,
    commandLine: ['aac', ...argv].join(' '),
    get log() {
      return log;
    },
  };
  const ending: { code: number } = { code: exitCodes.ok };
  const program = buildProgram(context, {
    finish: (code) => {
      ending.code = code;
    },
    openLog: async (level) => {
      const { createLog } = await import('./log.ts');
      log = createLog(level, terminal);
    },
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return ending.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : failureOf(argv);
    if (interruption.drain.aborted) return exitCodes.interrupted;
    log.warn({ stack: error instanceof Error ? error.stack : String(error) }, 'unexpected error');
    terminal.error(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    terminal.error('this is a bug in aac; `--log-level debug` shows where\n');
    return failureOf(argv);
  }
}

/** Commands that end with the exit code of somebody else keep one for themselves. */
function failureOf([command]: readonly string[]): number {
  return command === 'run' || command === 'exec' ? exitCodes.notRun : exitCodes.failed;
}

/** `aac logs | head` closes the pipe early, and a terminal may go away (EIO): that is no error. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EIO') return;
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCodes.ok);
}
