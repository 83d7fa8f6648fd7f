import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { fieldPath } from '../../model/field-path.ts';
import type { DriverError } from '../../model/outcome.ts';
import type { AgentSpec } from '../../model/spec.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { describeHolder } from './facts.ts';
import { failure, isSystemError } from './failure.ts';
import type { PortAllocation } from './instance.ts';
import type { System } from './system.ts';

/** Finds host ports for instances, never one that another instance of the workspace was given. */
export interface PortAllocator {
  /** `taken` yields what the other instances were given before; it is asked once. */
  allocate(ports: AgentSpec['ports'], taken: () => Promise<readonly number[]>): Promise<PortAllocation>;
}

/** A port that could be bound just now. */
export type FindFreePort = (hostIp: string, protocol: 'tcp' | 'udp') => Promise<number>;

/** An allocator, one for a workspace. Two allocations at once wait for each other. */
export function createPortAllocator(findFree: FindFreePort = findFreePort): PortAllocator {
  let reserved: Set<number> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return {
    allocate(ports, taken) {
      const allocation = last.then(async () => {
        reserved ??= new Set(await taken());
        const found: Record<string, { host: number; hostIp: string }> = {};
        for (const [port, { host, hostIp }] of Object.entries(ports)) {
          const number = Number(host) || (await unreserved(() => findFree(hostIp, protocolOf(port)), reserved));
          reserved.add(number);
          found[port] = { host: number, hostIp };
        }
        return found;
      });
      last = allocation.catch(() => undefined);
      return allocation;
    },
  };
}

/** An error naming the holder when a port of the instance cannot be bound now. */
export async function checkPortsFree(system: System, ports: PortAllocation): Promise<Result<undefined, DriverError>> {
  for (const [port, { host, hostIp }] of Object.entries(ports)) {
    const protocol = protocolOf(port);
    const bound = await bind(hostIp, protocol, host);
    if (typeof bound === 'number') continue;
    const field = fieldPath('ports', port);
    if (bound === 'EADDRNOTAVAIL') {
      return err(failure('invalid', `this machine has no address \`${hostIp}\` to publish \`${port}\` on`, { field }));
    }
    if (bound === 'EACCES') {
      return err(failure('denied', `binding port ${String(host)} is not permitted`, { field }));
    }
    const listeners = await system.listeners(new Set([host]));
    const holder = listeners.find((listener) => listener.port === host && listener.protocol === protocol);
    const who = holder ? ` by ${describeHolder({ pid: holder.pid, command: holder.command })}` : '';
    return err(failure('conflict', `port ${String(host)} is already in use${who}`, { field }));
  }
  return ok(undefined);
}

/** `8080/udp` is udp. */
export function protocolOf(port: string): 'tcp' | 'udp' {
  return port.endsWith('/udp') ? 'udp' : 'tcp';
}

async function unreserved(find: () => Promise<number>, reserved: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = await find();
    if (!reserved.has(port)) return port;
  }
}

async function findFreePort(hostIp: string, protocol: 'tcp' | 'udp'): Promise<number> {
  const port = await bind(hostIp, protocol, 0);
  if (typeof port === 'number') return port;
  throw Object.assign(new Error(`no port of ${hostIp} can be bound`), { code: port });
}

/** Binds and lets go again: the port, or the system's error code. */
async function bind(host: string, protocol: 'tcp' | 'udp', port: number): Promise<number | string> {
  try {
    return await (protocol === 'tcp' ? bindTcp(host, port) : bindUdp(host, port));
  } catch (thrown) {
    if (isSystemError(thrown)) return thrown.code;
    throw thrown;
  }
}

function bindTcp(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  });
}

function bindUdp(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', reject);
    socket.bind({ address: host, port, exclusive: true }, () => {
      const bound = socket.address().port;
      socket.close(() => {
        resolve(bound);
      });
    });
  });
}
