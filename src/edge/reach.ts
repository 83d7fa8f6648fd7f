import type { Socket } from 'node:net';
import type { EdgeTarget } from '../model/edge.ts';
import { connectUnix, portSocket } from './unix.ts';

/** Connects to a port of an address or name; `undefined` where that is refused or takes too long. */
export type Dial = (host: string, port: number) => Promise<Socket | undefined>;

/** A connection to a TCP port of a replica, wherever it has that; `undefined` where nobody takes it. */
export function reach({ host, folder, ports }: EdgeTarget, port: number, dial: Dial): Promise<Socket | undefined> {
  const there = ports?.[`${String(port)}/tcp`] ?? port;
  return folder === undefined ? dial(host, there) : connectUnix(folder, portSocket(there));
}
