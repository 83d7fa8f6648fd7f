import type { DriverError } from '../../model/outcome.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { Attachment, AttachOrder } from '../driver.ts';
import { converse, keepSize } from './converse.ts';
import type { Answer, Engine } from './engine.ts';

/** Connects with a container, best before it is started. */
export async function attach(engine: Engine, ref: string, order: AttachOrder): Answer<Attachment> {
  const connected = await engine.attach(ref, order.input !== undefined, order.signal);
  if (!connected.ok) return connected;
  const live = async (): Promise<Result<undefined, DriverError>> => {
    using _size = keepSize(order.terminal, (size, resizing) => engine.resize(ref, size, resizing));
    return await converse(engine.endpoint, connected.value, order);
  };
  return ok({ ended: live() });
}

/** Sends a signal to the container's process; `not-ready` when none runs. */
export async function kill(engine: Engine, ref: string, name: string, signal: AbortSignal): Answer<undefined> {
  const sent = await engine.kill(ref, name, signal);
  if (sent.ok) return ok(undefined);
  const { error } = sent;
  return err(error.code === 'conflict' ? { ...error, code: 'not-ready' } : error);
}
