import { Readable, type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { err, ok } from '../../util/result.ts';
import type { AttachOrder, TerminalSize, TerminalView } from '../driver.ts';
import type { Answer } from './engine.ts';
import type { Endpoint } from './endpoint.ts';
import { driverErrorOf } from './errors.ts';
import { frameReader } from './log-frames.ts';

/**
 * Passes input and output along a connection until the other side ends it or the signal is aborted. With a terminal the
 * output is as it is, else the engine tells two streams apart in it.
 */
export async function converse(endpoint: Endpoint, stream: Duplex, order: AttachOrder): Answer<undefined> {
  const { input, terminal, signal } = order;
  const over = new AbortController();
  const stop = (): void => void stream.destroy();
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const fed = input ? feed(input, stream, over.signal) : undefined;
  const read = frameReader();
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const frames = terminal ? [{ stream: 'stdout' as const, payload: chunk }] : read(chunk);
      for (const { stream: name, payload } of frames) order.output(name, payload);
      await order.ready?.();
    }
    signal.throwIfAborted();
    return ok(undefined);
  } catch (error) {
    return err(driverErrorOf(error, endpoint, signal));
  } finally {
    signal.removeEventListener('abort', stop);
    over.abort();
    await fed;
    stream.destroy();
  }
}

/** Writes what comes in, and ends the writing side after it: the other side sees the end of its input. */
async function feed(input: AsyncIterable<Uint8Array>, stream: Duplex, signal: AbortSignal): Promise<void> {
  try {
    await pipeline(Readable.from(input, { objectMode: false }), stream, { signal });
  } catch {
    // the other side has ended first, which its output tells
  }
}

/** Milliseconds before another try: what is about to start has no terminal yet. */
const tryAgainAfter = 50;

/**
 * Keeps a terminal on the engine as large as the one that somebody looks at, until disposed of. What the engine refuses
 * is tried again, as the size is sent before the command has come up.
 */
export function keepSize(
  terminal: TerminalView | undefined,
  resize: (size: TerminalSize, signal: AbortSignal) => Answer<void>,
): Disposable {
  const over = new AbortController();
  let wanted = 0;
  const send = async (): Promise<void> => {
    const mine = ++wanted;
    while (terminal && mine === wanted && !over.signal.aborted) {
      const done = await resize(terminal.size(), over.signal);
      if (done.ok) return;
      await delay(tryAgainAfter, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  const listening = terminal?.onResize(() => void send());
  void send();
  return {
    [Symbol.dispose]: () => {
      over.abort();
      listening?.[Symbol.dispose]();
    },
  };
}
