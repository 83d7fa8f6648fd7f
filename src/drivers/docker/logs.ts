import type { Readable } from 'node:stream';
import type { DriverError } from '../../model/outcome.ts';
import type { Clock } from '../../util/clock.ts';
import type { LogLine, LogOptions } from '../driver.ts';
import { lastOf } from '../log-stream.ts';
import type { Engine, LogQuery } from './engine.ts';
import { frameReader } from './log-frames.ts';
import { lineAssembler, type LogLayout } from './log-lines.ts';

/** Milliseconds between two looks at a container that does not run and whose log is followed. */
const lookAgainAfter = 500;

/**
 * The lines of a container's log, as many at a time as came together. The engine ends a followed log when the container
 * stops; this goes on where it left off once the container runs again. Ends without an error when the container is gone
 * or has ended for good, or the signal is aborted, and throws what else the engine says.
 */
export async function* logs(
  engine: Engine,
  ref: string,
  options: LogOptions,
  clock: Clock,
): AsyncGenerator<readonly LogLine[]> {
  const { follow, tail, until, signal } = options;
  const first = firstQuery(options);
  let since: string | undefined;
  for (;;) {
    const found = await engine.container(ref, signal);
    if (signal.aborted) return;
    if (!found.ok) throw failure(found.error);
    if (!found.value) return;
    if (since === undefined || found.value.State.Running) {
      const query = since === undefined ? first : { follow, timestamps: true, since };
      const stream = await engine.logs(ref, query, signal);
      if (!stream.ok) {
        if (signal.aborted || stream.error.code === 'not-found') return;
        throw failure(stream.error);
      }
      const layout = { framed: found.value.Config.Tty !== true, timed: query.timestamps };
      const batches = batchesOf(stream.value, layout, signal);
      for await (const batch of tail === undefined || until === undefined ? batches : lastOf(batches, tail)) {
        const time = batch.at(-1)?.time;
        since = time === undefined ? since : justAfter(time);
        yield batch;
      }
      since ??= engineTime(clock.now());
    }
    if (!follow || (await hasEnded(engine, ref, signal))) return;
    await clock.sleep(lookAgainAfter, signal).catch(() => undefined);
    if (signal.aborted) return;
  }
}

/**
 * What the engine is asked first. It counts the last lines of the whole log, so with `until` they are counted here.
 * Times are asked for where somebody wants them, and to follow, as they say where to go on.
 */
function firstQuery({ follow, tail, since, until, timestamps = false }: LogOptions): LogQuery {
  return {
    follow,
    timestamps: timestamps || follow,
    ...(tail === undefined || until !== undefined ? {} : { tail }),
    ...(since === undefined ? {} : { since: engineTime(since) }),
    ...(until === undefined ? {} : { until: engineTime(until) }),
  };
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

async function* batchesOf(
  stream: Readable,
  layout: LogLayout,
  signal: AbortSignal,
): AsyncGenerator<readonly LogLine[]> {
  const read = frameReader();
  const assembler = lineAssembler(layout);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const lines: LogLine[] = [];
      for (const frame of layout.framed ? read(chunk) : [{ stream: 'stdout' as const, payload: chunk }]) {
        assembler.add(frame, lines);
      }
      if (lines.length > 0) yield lines;
    }
    const rest = assembler.rest();
    if (rest.length > 0) yield rest;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stream.destroy();
  }
}

/** Milliseconds since the epoch as the engine reads times: seconds with a fraction. */
export function engineTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  const nano = Math.floor((milliseconds - seconds * 1_000) * 1e6);
  return `${String(seconds)}.${String(nano).padStart(9, '0')}`;
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
