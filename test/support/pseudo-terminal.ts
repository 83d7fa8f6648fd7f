import { spawn } from '@lydell/node-pty';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Rig } from './rig.ts';

const command = join(import.meta.dirname, '..', '..', 'bin', 'aac');

/** `aac` on a terminal of its own. */
export interface OnTerminal {
  /** All that came, as it came. */
  readonly raw: () => string;
  /** The same without what steers the terminal. */
  readonly text: () => string;
  type(keys: string): void;
  /** The exit code. */
  readonly ended: Promise<number>;
}

/** Starts the built `aac` in the folder of a rig, on a pseudo-terminal of so many columns and rows. */
export function onTerminal(
  rig: Pick<Rig, 'folder' | 'state'>,
  parameters: readonly string[],
  { columns = 120, rows = 24 }: { readonly columns?: number; readonly rows?: number } = {},
): OnTerminal {
  const { NO_COLOR: _, ...inherited } = process.env;
  const terminal = spawn(process.execPath, [command, ...parameters], {
    cwd: rig.folder,
    cols: columns,
    rows,
    env: { ...inherited, AAC_STATE_DIR: rig.state, TERM: 'xterm-256color' },
  });
  let raw = '';
  terminal.onData((data) => (raw += data));
  return {
    raw: () => raw,
    text: () => stripVTControlCharacters(raw),
    type: (keys) => terminal.write(keys),
    ended: new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode))),
  };
}
