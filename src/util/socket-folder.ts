import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes that the path of a Unix socket may have on every system; a longer one would be cut off. */
const longest = 100;

/** A folder with Unix sockets in it, however deep it lies. Its paths hold until it is disposed of. */
export interface SocketFolder extends AsyncDisposable {
  /** A path that leads to the socket of that name and is short enough. */
  path(name: string): string;
}

/** Opens a folder that exists. */
export async function openSocketFolder(folder: string): Promise<SocketFolder> {
  if (process.platform !== 'linux' || Buffer.byteLength(folder) < longest - 32) {
    return { path: (name) => join(folder, name), [Symbol.asyncDispose]: async () => undefined };
  }
  const handle = await open(folder, 'r');
  return {
    path: (name) => `/proc/self/fd/${String(handle.fd)}/${name}`,
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
