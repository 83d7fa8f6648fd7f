import type { Readable } from 'node:stream';
import { sortedEntries } from '../../util/compare.ts';
import { err, ok } from '../../util/result.ts';
import type { ExecOrder } from '../driver.ts';
import { converse, keepSize } from './converse.ts';
import type { Answer, Engine } from './engine.ts';
import { driverErrorOf } from './errors.ts';
import { frameReader } from './log-frames.ts';

/** How a command in a container ended. */
export interface CommandResult {
  readonly exitCode: number;
  /** The last line of its output that is not empty. */
  readonly lastLine: string;
}

/** The most of a command's output that is kept, where nobody asks for more. */
const keptBytes = 4096;

/** Runs a command inside a container to its end, and keeps the last of its output. */
export async function runInContainer(
  engine: Engine,
  ref: string,
  command: readonly string[],
  signal: AbortSignal,
  kept = keptBytes,
): Answer<CommandResult> {
  const prepared = await engine.prepareExec(ref, { Cmd: command }, signal);
  if (!prepared.ok) return prepared;
  const started = await engine.startExec(prepared.value, signal);
  if (!started.ok) return started;
  const output = await collect(engine, started.value, kept, signal);
  if (!output.ok) return output;
  const ended = await engine.execExitCode(prepared.value, signal);
  if (!ended.ok) return ended;
  return ok({ exitCode: ended.value ?? -1, lastLine: lastLineOf(output.value) });
}

/** Runs a command beside a container's own, connected with whoever asked for it. */
export async function execIn(engine: Engine, ref: string, order: ExecOrder): Answer<{ readonly exitCode: number }> {
  const { command, environment = {}, workingDir, input, terminal, interrupt } = order;
  const signal = interrupt ? AbortSignal.any([order.signal, interrupt]) : order.signal;
  const tty = terminal !== undefined;
  const config = {
    Cmd: command,
    AttachStdin: input !== undefined,
    Tty: tty,
    Env: sortedEntries(environment).map(([name, value]) => `${name}=${value}`),
    ...(workingDir === undefined ? {} : { WorkingDir: workingDir }),
  };
  const prepared = await engine.prepareExec(ref, config, signal);
  if (!prepared.ok) return prepared;
  const id = prepared.value;
  const connected = await engine.connectExec(id, tty, signal);
  if (!connected.ok) return connected;
  using _size = keepSize(terminal, (size, resizing) => engine.resizeExec(id, size, resizing));
  const ended = await converse(engine.endpoint, connected.value, { ...order, signal });
  if (!ended.ok) return ended;
  const code = await engine.execExitCode(id, signal);
  return code.ok ? ok({ exitCode: code.value ?? -1 }) : code;
}

async function collect(engine: Engine, stream: Readable, most: number, signal: AbortSignal): Answer<string> {
  const read = frameReader();
  let kept: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      for (const { payload } of read(chunk)) kept = Buffer.concat([kept, payload]).subarray(-most);
    }
  } catch (error) {
    return err(driverErrorOf(error, engine.endpoint, signal));
  }
  return ok(kept.toString('utf8'));
}

function lastLineOf(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '') ?? '';
}
