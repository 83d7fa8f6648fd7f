import type { Readable } from 'node:stream';
import { err, ok } from '../../util/result.ts';
import type { Answer, Engine } from './engine.ts';
import { driverErrorOf } from './errors.ts';
import { frameReader } from './log-frames.ts';

/** How a command in a container ended. */
export interface CommandResult {
  readonly exitCode: number;
  /** The last line of its output that is not empty. */
  readonly lastLine: string;
}

/** The most of a command's output that is kept. */
const keptBytes = 4096;

/** Runs a command inside a container to its end. */
export async function runInContainer(
  engine: Engine,
  ref: string,
  command: readonly string[],
  signal: AbortSignal,
): Answer<CommandResult> {
  const prepared = await engine.prepareExec(ref, command, signal);
  if (!prepared.ok) return prepared;
  const started = await engine.startExec(prepared.value, signal);
  if (!started.ok) return started;
  const output = await collect(engine, started.value, signal);
  if (!output.ok) return output;
  const ended = await engine.execExitCode(prepared.value, signal);
  if (!ended.ok) return ended;
  return ok({ exitCode: ended.value ?? -1, lastLine: lastLineOf(output.value) });
}

async function collect(engine: Engine, stream: Readable, signal: AbortSignal): Answer<string> {
  const read = frameReader();
  let kept: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      for (const { payload } of read(chunk)) kept = Buffer.concat([kept, payload]).subarray(-keptBytes);
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
