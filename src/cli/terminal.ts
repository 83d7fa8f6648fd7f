import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { redactTexts } from '../report/redact.ts';
import type { Json } from '../util/json.ts';

/** Where a command reads and writes: results on stdout; progress, diagnostics and questions on stderr. */
export interface Terminal {
  out(text: string): void;
  error(text: string): void;
  /** As `out`, for much of it: resolves when whoever reads has room for more. */
  write(text: string): Promise<void>;
  /** As `json`, for many documents of a line each, and as `write`. */
  writeJson(documents: readonly Json[]): Promise<void>;
  /** A JSON document on stdout, its texts redacted one by one so that it stays JSON; on one line unless `indent` is given. */
  json(document: Json, indent?: number): void;
  /** Somebody can be asked. */
  readonly interactive: boolean;
  /** Both streams are one terminal, so what progress has drawn need not be said again. */
  readonly drawsProgress: boolean;
  readonly color: { readonly out: boolean; readonly error: boolean };
  size(): { readonly columns: number; readonly rows: number };
  /** The line a person types after `question`; `undefined` at the end of input or when `signal` is aborted. */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** From now on every text passes through `redact` before it is written. */
  redactWith(redact: (text: string) => string): void;
  /** A text as it may be printed, for those who write to a stream themselves. */
  redacted(text: string): string;
}

/** The terminal of this process. `NO_COLOR` and `FORCE_COLOR` are respected. */
export function processTerminal(process: NodeJS.Process): Terminal {
  let redact = (text: string): string => text;
  const write = async (text: string): Promise<void> => {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  };
  return {
    out: (text) => void process.stdout.write(redact(text)),
    error: (text) => void process.stderr.write(redact(text)),
    write: (text) => write(redact(text)),
    writeJson: (documents) =>
      write(documents.map((document) => `${JSON.stringify(redactTexts(document, redact))}\n`).join('')),
    json: (document, indent) => {
      process.stdout.write(`${JSON.stringify(redactTexts(document, redact), null, indent)}\n`);
    },
    interactive: process.stdin.isTTY && process.stderr.isTTY,
    drawsProgress: process.stdout.isTTY && process.stderr.isTTY,
    color: {
      out: wantsColor(process.env, process.stdout.isTTY),
      error: wantsColor(process.env, process.stderr.isTTY),
    },
    size: () => ({ columns: columnsOf(process), rows: process.stderr.rows ?? 40 }),
    ask: (question, signal) => ask(process.stdin, process.stderr, redact(question), signal),
    stdout: process.stdout,
    stderr: process.stderr,
    redactWith: (next) => {
      redact = next;
    },
    redacted: (text) => redact(text),
  };
}

function wantsColor(environment: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR) return environment.FORCE_COLOR !== '0';
  return isTerminal && environment.TERM !== 'dumb';
}

/** Columns of the terminal; what goes to a file or a pipe may be wide. */
function columnsOf({ stdout, stderr }: NodeJS.Process): number {
  const { columns } = stdout.isTTY ? stdout : stderr;
  return columns ?? 200;
}

async function ask(
  input: Readable,
  output: Writable,
  question: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const lines = createInterface({ input, output });
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  try {
    return await Promise.race([lines.question(question, { signal }), ended]);
  } catch {
    return undefined; // aborted: Ctrl-C answers the question
  } finally {
    lines.close();
  }
}
