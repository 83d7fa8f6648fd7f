import { spawnSync } from 'node:child_process';
import { on, once } from 'node:events';
import type { ReadStream } from 'node:tty';
import type { Connection, TerminalView } from '../drivers/driver.ts';

/** The three standard streams as they are: bytes, and the terminal behind them. */
export interface StandardStreams extends Required<Pick<Connection, 'output' | 'ready'>> {
  /** Whether input, and output, is a terminal. */
  readonly isTerminal: { readonly input: boolean; readonly output: boolean };
  /** What comes in, until it ends or the signal is aborted; reading it keeps the process alive. */
  input(signal: AbortSignal): AsyncIterable<Uint8Array>;
  readonly view: TerminalView;
  /** Calls `listener` with every signal that asks this process for something, until disposed of. */
  onSignal(listener: (signal: NodeJS.Signals) => void): Disposable;
  /** Hands every key on as it is pressed, Ctrl-C too, until disposed of; nothing where input is no terminal. */
  raw(): Disposable;
}

/** The signals that a foreground agent is handed on. */
const forwarded: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];

/** What is assumed of a terminal that says nothing of its size. */
const usualSize = { columns: 80, rows: 24 };

/** The streams of a process. */
export function standardStreams(process: NodeJS.Process): StandardStreams {
  const { stdin, stdout, stderr } = process;
  return {
    isTerminal: { input: stdin.isTTY, output: stdout.isTTY },
    input: (signal) => readAll(stdin, signal),
    output: (stream, chunk) => void (stream === 'stdout' ? stdout : stderr).write(chunk),
    ready: async () => {
      for (const stream of [stdout, stderr]) {
        if (stream.writableNeedDrain) await once(stream, 'drain').catch(() => undefined);
      }
    },
    view: {
      size: () => ({ columns: stdout.columns ?? usualSize.columns, rows: stdout.rows ?? usualSize.rows }),
      onResize: (listener) => {
        stdout.on('resize', listener);
        return { [Symbol.dispose]: () => void stdout.off('resize', listener) };
      },
    },
    onSignal: (listener) => {
      for (const signal of forwarded) process.on(signal, listener);
      return {
        [Symbol.dispose]: () => {
          for (const signal of forwarded) process.off(signal, listener);
        },
      };
    },
    raw: () => {
      if (!stdin.isTTY) return { [Symbol.dispose]: () => undefined };
      stdin.setRawMode(true);
      // Node leaves line feeds to be turned into carriage returns, which the terminal of the agent has done already
      spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
      return { [Symbol.dispose]: () => void stdin.setRawMode(false) };
    },
  };
}

async function* readAll(stdin: ReadStream & { readonly fd: 0 }, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const [chunk] of on(stdin, 'data', { signal, close: ['end'], highWaterMark: 16, lowWaterMark: 1 })) {
      yield chunk as Uint8Array;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stdin.pause();
    stdin.unref(); // a read that is under way would keep the process until the next key
  }
}
