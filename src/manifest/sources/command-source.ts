import { spawn } from 'node:child_process';
import type { Variables } from '../interpolate.ts';
import type { LookUp, Source } from './look-up.ts';

/** Milliseconds in which a program has to print a value. */
export const commandTimeout = 30_000;

/** The most bytes of a value, and of what is kept of a program's complaints. */
const most = { value: 1024 * 1024, complaints: 2_000 };

/** How a source's program is run. */
export interface CommandOptions {
  readonly command: readonly string[];
  /** The folder it runs in. */
  readonly root: string;
  readonly variables: Variables;
  readonly timeout?: number;
}

/**
 * A program that is run once for each key, with the name and the key as its last two arguments, or in place of
 * `{name}` and `{key}`, and prints the value. One line break at the end is not part of it.
 */
export function commandSource(kind: 'secret' | 'config', options: CommandOptions): Source {
  return {
    read: (name, key, signal) => run(commandFor(options.command, name, key), options, signal),
    list: async (name) => ({
      status: 'failed',
      message: `the keys of \`${name}\` cannot be listed by a command`,
      hint: `name each key in \`secrets\` or \`environment\`, or let the project read ${kind}s from files`,
    }),
  };
}

/** The words that are run for one key. */
export function commandFor(command: readonly string[], name: string, key: string): readonly string[] {
  const placed = command.map((word) => word.replaceAll('{name}', () => name).replaceAll('{key}', () => key));
  const isPlaced = command.some((word) => /\{(?:name|key)\}/.test(word));
  return isPlaced ? placed : [...command, name, key];
}

async function run(
  [program = '', ...words]: readonly string[],
  { root, variables, timeout = commandTimeout }: CommandOptions,
  signal: AbortSignal | undefined,
): Promise<LookUp> {
  signal?.throwIfAborted();
  const env = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));
  // a group of its own, so that what the program starts ends with it
  const child = spawn(program, words, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const output: Buffer[] = [];
  let size = 0;
  let complaints = '';
  let cut: 'timeout' | 'too long' | 'aborted' | undefined;
  const end = (why: NonNullable<typeof cut>): void => {
    cut ??= why;
    if (child.pid !== undefined) killGroup(child.pid);
    child.stdout.destroy();
    child.stderr.destroy();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    output.push(chunk);
    size += chunk.length;
    if (size > most.value) end('too long');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = `${complaints}${chunk.toString()}`.slice(-most.complaints);
  });
  const timer = setTimeout(() => {
    end('timeout');
  }, timeout);
  const onAbort = (): void => {
    end('aborted');
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  const ended = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => {
      resolve((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it was not found' : error.message);
    });
    child.once('close', (code, by) => {
      resolve(code ?? `it was ended by ${String(by)}`);
    });
  });
  clearTimeout(timer);
  signal?.removeEventListener('abort', onAbort);
  signal?.throwIfAborted();
  if (cut === 'timeout') return failed(program, `printed no value within ${String(timeout / 1_000)} s`, complaints);
  if (cut === 'too long') return failed(program, 'printed more than 1 MiB', complaints);
  if (typeof ended === 'string') return failed(program, `cannot be run: ${ended}`, complaints);
  if (ended !== 0) return failed(program, `ended with exit code ${String(ended)}`, complaints);
  return {
    status: 'found',
    value: Buffer.concat(output)
      .toString()
      .replace(/\r?\n$/, ''),
  };
}

/** What a program printed may be a part of a value, so only its complaints are told. */
function failed(program: string, what: string, complaints: string): LookUp {
  const said = complaints.trim();
  return { status: 'failed', message: `\`${program}\` ${what}${said === '' ? '' : `: ${said}`}` };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}
