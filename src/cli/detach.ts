import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../util/clock.ts';
import { err, ok, type Result } from '../util/result.ts';

/** What is to go on in the background. */
export interface DetachOptions {
  readonly command: readonly string[];
  /** Where its log goes. */
  readonly folder: string;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether the process has got as far as it has to. */
  readonly isUp: (pid: number) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** A log as large as this is set aside when the next watch starts. */
const largestLog = 1024 * 1024;
const pollEvery = 25;

/**
 * Starts a command in a session of its own, its output appended to a file, and waits until it is up. The error is what
 * it has written, should it have ended before.
 */
export async function startDetached(
  options: DetachOptions,
): Promise<Result<{ readonly pid: number; readonly log: string }, string>> {
  const { folder, cwd, environment, signal } = options;
  const [file = '', ...parameters] = options.command;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const log = join(folder, 'watch.log');
  const before = await setAside(log);
  const output = await open(log, 'a', 0o600);
  const child = spawn(file, parameters, {
    cwd,
    env: environment,
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  try {
    while (child.pid === undefined || !(await options.isUp(child.pid))) {
      if (isOver() || signal.aborted) return err((await readFile(log, 'utf8')).slice(before));
      await Promise.race([ended, systemClock.sleep(pollEvery, signal).catch(() => undefined)]);
    }
    child.unref();
    return ok({ pid: child.pid, log });
  } finally {
    await output.close();
  }

  // Changed by a callback, which the compiler cannot see.
  function isOver(): boolean {
    return hasEnded;
  }
}

/** How many bytes of the log are old. */
async function setAside(log: string): Promise<number> {
  const { size } = await stat(log).catch(() => ({ size: 0 }));
  if (size < largestLog) return size;
  await rename(log, `${log}.1`);
  return 0;
}
