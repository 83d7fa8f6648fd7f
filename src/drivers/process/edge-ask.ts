import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { EdgeAnswer, EdgeRequest } from '../../model/edge.ts';
import type { DriverError } from '../../model/outcome.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { controlSocket } from './edge-compile.ts';
import { failure, isSystemError } from './failure.ts';
import { findRunning } from './find-running.ts';
import type { Host } from './host.ts';

/** Bytes that the path of a socket may have on every system. */
const maxSocketPath = 100;

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

/** A folder that is deep goes by a shorter name: a socket's path is cut off where it is too long. */
async function ask(folder: string, request: string, signal: AbortSignal): Promise<EdgeAnswer> {
  const path = join(folder, controlSocket);
  if (Buffer.byteLength(path) <= maxSocketPath || process.platform !== 'linux') return askAt(path, request, signal);
  await using handle = await open(folder, 'r');
  return await askAt(`/proc/self/fd/${String(handle.fd)}/${controlSocket}`, request, signal);
}

async function askAt(path: string, request: string, signal: AbortSignal): Promise<EdgeAnswer> {
  const socket = connect({ path, allowHalfOpen: true, signal });
  await once(socket, 'connect');
  socket.end(request);
  return JSON.parse(await text(socket)) as EdgeAnswer;
}
