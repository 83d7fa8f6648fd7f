import type { Readable } from 'node:stream';
import type { DriverError } from '../../model/outcome.ts';
import type { Clock } from '../../util/clock.ts';
import type { LogLine, LogOptions } from '../driver.ts';
import type { Engine } from './engine.ts';
import { frameReader } from './log-frames.ts';
import { lineAssembler } from './log-lines.ts';

/** Milliseconds between two looks at a container that does not run and whose log is followed. */
const lookAgainAfter = 500;

/**
 * The lines of a container's log. The engine ends a followed log when the container stops; this goes on where it left
 * off once the container runs again. Ends without an error when the container is gone or has ended for good, or the signal
 * is aborted, and throws what else the engine says.
 */
export async function* logs(
  engine: Engine,
  ref: string,
  { follow, tail, signal }: LogOptions,
  clock: Clock,
): AsyncGenerator<LogLine> {
  let since: string | undefined;
  for (;;) {
    const found = await engine.container(ref, signal);
    if (signal.aborted) return;
    if (!found.ok) throw failure(found.error);
    if (!found.value) return;
    if (since === undefined || found.value.State.Running) {
      const query = { follow, ...(since === undefined ? (tail === undefined ? {} : { tail }) : { since }) };
      const stream = await engine.logs(ref, query, signal);
      if (!stream.ok) {
        if (signal.aborted || stream.error.code === 'not-found') return;
        throw failure(stream.error);
      }
      for await (const line of linesOf(stream.value, found.value.Config.Tty !== true, signal)) {
        since = line.time === undefined ? since : justAfter(line.time);
        yield line;
      }
      since ??= String(Math.floor(clock.now() / 1_000));
    }
    if (!follow || (await hasEnded(engine, ref, signal))) return;
    await clock.sleep(lookAgainAfter, signal).catch(() => undefined);
    if (signal.aborted) return;
  }
}

/** Whether the engine is not going to start the container again by itself. */
async function hasEnded(engine: Engine, ref: string, signal: AbortSignal): Promise<boolean> {
  const found = await engine.container(ref, signal);
  if (!found.ok) return false; // the next look says why
  if (!found.value) return true;
  const { State: state, HostConfig, RestartCount } = found.value;
  if (state.Running || state.Status === 'restarting' || state.Status === 'created') return false;
  const { Name: policy, MaximumRetryCount: retries = 0 } = HostConfig.RestartPolicy ?? {};
  if (policy === 'always' || policy === 'unless-stopped') return false;
  return policy !== 'on-failure' || state.ExitCode === 0 || (retries > 0 && RestartCount >= retries);
}

async function* linesOf(stream: Readable, framed: boolean, signal: AbortSignal): AsyncGenerator<LogLine> {
  const read = frameReader();
  const assembler = lineAssembler(framed);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      for (const frame of framed ? read(chunk) : [{ stream: 'stdout' as const, payload: chunk }]) {
        yield* assembler.add(frame);
      }
    }
    yield* assembler.rest();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stream.destroy();
  }
}

/** The engine's `since` for what comes after a line: seconds and nanoseconds, one more than the line's. */
export function justAfter(time: string): string {
  const [, fraction = ''] = /\.(\d+)/.exec(time) ?? [];
  const seconds = Math.floor(Date.parse(time) / 1_000);
  const nano = Number(fraction.padEnd(9, '0').slice(0, 9)) + 1;
  return nano === 1e9 ? String(seconds + 1) : `${String(seconds)}.${String(nano).padStart(9, '0')}`;
}

function failure(error: DriverError): Error {
  return new Error(error.message, { cause: error });
}
