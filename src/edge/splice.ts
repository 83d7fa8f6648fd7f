import type { Socket } from 'node:net';

/** Changes what is on its way back to whoever connected. */
export type Rewrite = (chunk: Buffer) => Buffer;

/**
 * Joins two connections until both have ended. What one end sends waits while the other cannot take it; an end of one
 * direction is passed on and leaves the other open; an error or a reset of one cuts the other. Both sockets must allow
 * half-open. `back` sees each chunk from `far` to `near`.
 */
export function splice(near: Socket, far: Socket, back: Rewrite = (chunk) => chunk): Promise<void> {
  flow(near, far, (chunk) => chunk);
  flow(far, near, back);
  return new Promise((resolve) => {
    let closed = 0;
    const onClose = (other: Socket) => (): void => {
      if (!other.destroyed) cut(other);
      if (++closed === 2) resolve();
    };
    near.once('close', onClose(far));
    far.once('close', onClose(near));
    if (near.destroyed) far.destroy();
    if (far.destroyed) near.destroy();
  });
}

function flow(from: Socket, to: Socket, rewrite: Rewrite): void {
  from.on('data', (chunk: Buffer) => {
    if (!to.writable) return;
    if (!to.write(rewrite(chunk))) from.pause();
  });
  to.on('drain', () => from.resume());
  from.once('end', () => to.end());
  from.on('error', () => from.destroy());
  from.resume();
}

/** What is still to be written is written, unless the other end never takes it. */
function cut(socket: Socket): void {
  if (socket.writableLength === 0) {
    socket.destroy();
    return;
  }
  socket.end();
  setTimeout(() => socket.destroy(), 1000).unref();
}
