import type { Socket } from 'node:net';
import { err, type Result } from '../util/result.ts';

/**
 * Looks at the first bytes of a connection until `judge` has seen enough (anything but `ok(undefined)`), and puts them
 * back, so that whoever reads next reads them too. The socket is paused afterwards. An error also where the other end
 * closes before, or takes longer than `within` milliseconds.
 */
export function peek<T>(
  socket: Socket,
  within: number,
  judge: (bytes: Buffer) => Result<T | undefined, string>,
): Promise<Result<T, string>> {
  return new Promise((resolve) => {
    let seen: Buffer = Buffer.alloc(0);
    const settle = (result: Result<T, string>): void => {
      clearTimeout(timer);
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onEnd);
      socket.pause();
      if (seen.length > 0 && !socket.destroyed && !socket.readableEnded) socket.unshift(seen);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk]);
      const judged = judge(seen);
      if (!judged.ok) settle(judged);
      else if (judged.value !== undefined) settle({ ok: true, value: judged.value });
    };
    const onEnd = (): void => settle(err('closed before it said what it wants'));
    const timer = setTimeout(() => settle(err('took too long to say what it wants')), within);
    socket.on('data', onData).once('end', onEnd).once('close', onEnd).once('error', onEnd);
    if (socket.destroyed) onEnd();
    else socket.resume();
  });
}
