import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HeldPort } from '../../model/observed.ts';
import { parseListening, type ListeningSocket } from './listening-ports.ts';

const tables = [
  ['tcp', 'tcp'],
  ['tcp6', 'tcp'],
  ['udp', 'udp'],
  ['udp6', 'udp'],
] as const;

/**
 * The ports that processes of the engine's host hold, as far as this machine is that host: it reads the network
 * namespace of the engine that listens on `socketPath`. Only for the ports in `named` does it search who holds them,
 * as that means looking at every open file of the machine. Reading is synchronous: these files are in memory.
 */
export function hostPorts(socketPath: string, named: ReadonlySet<number>): readonly HeldPort[] {
  const engine = enginePid(socketPath);
  const folder = engine === undefined ? '/proc/net' : `/proc/${engine}/net`;
  const sockets = tables.flatMap(([file, protocol]) => parseListening(textOf(`${folder}/${file}`), protocol));
  const owners = ownersOf(sockets.filter((socket) => named.has(socket.port)));
  return sockets.map(({ port, protocol, ip, inode }) => ({
    port,
    protocol,
    hostIp: ip,
    holder: owners.get(inode) ?? 'a process of the host',
  }));
}

/** The engine behind a socket, found by its pid file, else by its name; several on one machine have own networks. */
function enginePid(socketPath: string): string | undefined {
  const noted = textOf(join(dirname(socketPath), 'docker.pid')).trim();
  if (/^\d+$/.test(noted) && isEngine(noted)) return noted;
  const engines = pids().filter(isEngine);
  const named = engines.find((pid) => textOf(`/proc/${pid}/cmdline`).includes(socketPath));
  return named ?? (engines.length === 1 ? engines[0] : undefined);
}

function isEngine(pid: string): boolean {
  return textOf(`/proc/${pid}/comm`).trim() === 'dockerd';
}

function ownersOf(sockets: readonly ListeningSocket[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  if (sockets.length === 0) return owners;
  const wanted = new Map(sockets.map((socket) => [`socket:[${socket.inode}]`, socket.inode]));
  for (const pid of pids()) {
    for (const link of openFiles(pid)) {
      const inode = wanted.get(link);
      if (inode !== undefined) owners.set(inode, `process ${pid} (${textOf(`/proc/${pid}/comm`).trim()})`);
    }
    if (owners.size === wanted.size) break;
  }
  return owners;
}

function pids(): readonly string[] {
  return listOf('/proc').filter((name) => /^\d+$/.test(name));
}

function openFiles(pid: string): readonly string[] {
  return listOf(`/proc/${pid}/fd`).map((name) => attempt(() => readlinkSync(`/proc/${pid}/fd/${name}`), ''));
}

function listOf(folder: string): readonly string[] {
  return attempt(() => readdirSync(folder), []);
}

function textOf(file: string): string {
  return attempt(() => readFileSync(file, 'utf8'), '');
}

/** Processes end while they are looked at, and some may not be looked at: what cannot be read is not there. */
function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
