import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { EdgeAnswer, EdgeRequest } from '../../model/edge.ts';
import type { DriverError } from '../../model/outcome.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { openSocketFolder } from '../../util/socket-folder.ts';
import { controlSocket } from './edge-compile.ts';
import { failure, isSystemError } from './failure.ts';
import { findRunning } from './find-running.ts';
import type { Host } from './host.ts';

/** Asks the edge over the control socket in the folder of its instance. */
export async function askEdge(
  host: Host,
  ref: string,
  request: EdgeRequest,
  signal: AbortSignal,
): Promise<Result<EdgeAnswer, DriverError>> {
  const running = await findRunning(host, ref);
  if (!running.ok) return running;
  const { instance } = running.value.sighting;
  const { folder } = host.store(instance.record.workspace).files(instance.name);
  try {
    return ok(await ask(folder, JSON.stringify(request), signal));
  } catch (thrown) {
    signal.throwIfAborted();
    if (!isSystemError(thrown) && !(thrown instanceof SyntaxError)) throw thrown;
    return err(failure('not-ready', `\`${instance.name}\` does not listen: ${thrown.message}`));
  }
}

async function ask(folder: string, request: string, signal: AbortSignal): Promise<EdgeAnswer> {
  await using opened = await openSocketFolder(folder);
  const socket = connect({ path: opened.path(controlSocket), allowHalfOpen: true, signal });
  await once(socket, 'connect');
  socket.end(request);
  return JSON.parse(await text(socket)) as EdgeAnswer;
}
