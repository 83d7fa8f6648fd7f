import { spawn, type ChildProcess } from 'node:child_process';
import { close, open } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import type { RunAs } from './run-as.ts';
import { cookieVariables } from './system.ts';

/**
 * The latch: a shell that starts the command, waits for it and writes its exit code down, so that the code is kept
 * whoever of aac is still alive. `$1` is the file for the code, the rest the command. The file is open as 4 from the
 * start, since the agent's user may not reach it; by its name it is written once more when it was lost meanwhile.
 *
 * It traps what a group may be sent, so as to outlive the command by that one line, and does so with `:` instead of
 * ignoring it, since the command would inherit that. Its own stderr is away, or the shell would write `Terminated` into
 * the agent's log. The command replaces a subshell: no process more, and never a built-in of the shell. The two
 * variables are how the latch is told from its descendants, so they do not get them.
 */
const script = `trap : HUP INT QUIT ALRM TERM USR1 USR2 PIPE
unset ${cookieVariables.latch} ${cookieVariables.record} AAC_EXIT
AAC_EXIT=$1; shift
exec 3>&2 2>/dev/null
(exec 2>&3 3>&- 4>&-; exec "$@")
rc=$?
printf '%s\\n' "$rc" >&4
[ -s "$AAC_EXIT" ] || printf '%s\\n' "$rc" >"$AAC_EXIT"
exit "$rc"`;

/** A latch that waits until it has been placed; it goes when its starter does before that. */
const gatedScript = `read -r _ <&5 || exit 125
exec 5<&-
${script}`;

/** What to start, all paths absolute. */
export interface LatchOrder {
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly exitFile: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Whom it runs as; absent: as aac. Supplementary groups are given up. */
  readonly user?: RunAs;
  /** The command reads what is written to {@link Latch.stdin}; absent: it has no input. */
  readonly input?: boolean;
  /** Puts the latch where it belongs before the command starts, given its pid. */
  readonly place?: (pid: number) => Promise<void>;
}

/** A latch that was started by this very process. */
export interface Latch {
  readonly pid: number;
  /** Resolves with the exit code when it ends, `undefined` when a signal ended the latch itself. */
  readonly ended: Promise<number | undefined>;
  /** Only where the order asked for it. */
  readonly stdin?: Writable;
}

/** Starts a latch in a session of its own. Throws the system's error when nothing could be started. */
export async function startLatch(order: LatchOrder): Promise<Latch> {
  const stdout = await openLog(order.stdout);
  const stderr = await openLog(order.stderr);
  const exit = await openLog(order.exitFile);
  try {
    const child = spawn(
      '/bin/sh',
      ['-c', order.place ? gatedScript : script, 'aac-latch', order.exitFile, ...order.command],
      {
        cwd: order.folder,
        env: order.environment,
        detached: true,
        stdio: [
          order.input ? 'pipe' : 'ignore',
          stdout,
          stderr,
          'ignore',
          exit,
          ...(order.place ? ['pipe' as const] : []),
        ],
        ...order.user,
      },
    );
    const ended = new Promise<number | undefined>((resolve) => {
      child.once('exit', (code) => {
        resolve(code ?? undefined);
      });
    });
    const pid = await spawned(child);
    child.unref();
    if (order.place) await openGate(child, order.place(pid));
    return { pid, ended, ...(child.stdin ? { stdin: child.stdin } : {}) };
  } finally {
    await Promise.all([stdout, stderr, exit].map((descriptor) => promisify(close)(descriptor)));
  }
}

/** Appended to, so that several writers and every run add to its end. */
function openLog(path: string): Promise<number> {
  return promisify<string, string, number, number>(open)(path, 'a', 0o600);
}

/** Lets the latch go on once it is placed; it ends when that fails. */
async function openGate(child: ChildProcess, placed: Promise<void>): Promise<void> {
  const streams: readonly (Readable | Writable | null | undefined)[] = child.stdio;
  const gate = streams[5] as Writable;
  gate.on('error', () => undefined); // the latch is gone, which its end tells
  try {
    await placed;
    gate.end('\n');
  } catch (thrown) {
    gate.destroy();
    throw thrown;
  }
}

function spawned(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      if (child.pid === undefined) reject(new Error('a process was started and has no id'));
      else resolve(child.pid);
    });
  });
}
