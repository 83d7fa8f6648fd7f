import { spawn } from '@lydell/node-pty';
import { onTestFinished } from 'vitest';

/** What a command is begun on. */
export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  /** A shell instead, in which `$AAC` stands for the command. */
  readonly shell?: boolean;
}

/** A command on a pseudo-terminal of its own. */
export interface OnTerminal {
  /** What the terminal was sent so far, line ends as `\n` and escape sequences left out. */
  readonly printed: () => string;
  until(isSo: RegExp): Promise<void>;
  /** As if typed; a line ends with `\r`. */
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** The exit code. */
  readonly ended: Promise<number>;
}

/** Begins a command; the end of the test kills it, should it still run. */
export function beginOnTerminal(
  command: string,
  parameters: readonly string[],
  options: TerminalOptions & {
    readonly folder: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): OnTerminal {
  const { columns, rows, shell = false, folder, environment } = options;
  const [file, args] = shell ? ['/bin/sh', []] : [process.execPath, [command, ...parameters]];
  const child = spawn(file, args, {
    cols: columns,
    rows,
    cwd: folder,
    env: { ...process.env, PS1: '$ ', NO_COLOR: '1', AAC: command, ...environment, DOCKER_CONTEXT: undefined },
  });
  let sent = '';
  let isOver = false;
  const waiting = new Set<() => void>();
  const ended = new Promise<number>((resolve) => {
    child.onExit(({ exitCode }) => {
      isOver = true;
      resolve(exitCode);
    });
  });
  const printed = (): string => sent.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replaceAll(/\r+\n/g, '\n');
  child.onData((data) => {
    sent += data;
    for (const look of waiting) look();
  });
  onTestFinished(() => {
    if (!isOver) child.kill('SIGKILL');
  });
  return {
    printed,
    until: (isSo) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!isSo.test(printed())) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended before ${String(isSo)}:\n${printed()}`)));
      }),
    type: (text) => child.write(text),
    resize: (to, high) => child.resize(to, high),
    ended,
  };
}
