import { describe, expect, it } from 'vitest';
import { heldPorts } from '../../../src/drivers/docker/facts.ts';
import { parseListening } from '../../../src/drivers/docker/listening-ports.ts';

const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const rest = '00000000:00000000 00:00000000 00000000     0        0';

function table(...rows: readonly string[]): string {
  return [header, ...rows].join('\n');
}

describe('listening ports', () => {
  it('are read from the tables of the kernel', () => {
    const text = table(
      `   0: 0100007F:1F90 00000000:0000 0A ${rest} 4711 1 0`,
      `   1: 00000000:0016 00000000:0000 0A ${rest} 4712 1 0`,
      `   2: 0100007F:C000 0100007F:1F90 01 ${rest} 4713 1 0`,
    );
    expect(parseListening(text, 'tcp')).toEqual([
      { port: 8080, protocol: 'tcp', ip: '127.0.0.1', inode: '4711' },
      { port: 22, protocol: 'tcp', ip: '0.0.0.0', inode: '4712' },
    ]);
  });

  it('are read over IPv6', () => {
    const text = table(
      `   0: 00000000000000000000000000000000:1F90 ${'0'.repeat(32)}:0000 0A ${rest} 1 1 0`,
      `   1: 00000000000000000000000001000000:1F91 ${'0'.repeat(32)}:0000 0A ${rest} 2 1 0`,
      `   2: 0000000000000000FFFF00000100007F:1F92 ${'0'.repeat(32)}:0000 0A ${rest} 3 1 0`,
    );
    expect(parseListening(text, 'tcp').map(({ ip, port }) => `${ip} ${String(port)}`)).toEqual([
      ':: 8080',
      '::1 8081',
      '127.0.0.1 8082',
    ]);
  });

  it('of UDP are those without a peer', () => {
    const text = table(
      `   0: 00000000:0035 00000000:0000 07 ${rest} 1 2 0`,
      `   1: 0100007F:C001 0100007F:0035 01 ${rest} 2 2 0`,
    );
    expect(parseListening(text, 'udp').map(({ port }) => port)).toEqual([53]);
  });

  it('are nothing where there is no table', () => {
    expect(parseListening('', 'tcp')).toEqual([]);
  });

  it('that a container publishes are its own, not those of the engine’s proxy on the host', () => {
    const container = { port: 8080, protocol: 'tcp', hostIp: '0.0.0.0', holder: 'container web', ref: 'abc' } as const;
    const onHost = (port: number, protocol: 'tcp' | 'udp') =>
      ({ port, protocol, hostIp: '0.0.0.0', holder: 'a process of the host' }) as const;
    expect(heldPorts([container], [onHost(8080, 'tcp'), onHost(8080, 'udp'), onHost(22, 'tcp')])).toEqual([
      onHost(22, 'tcp'),
      container,
      onHost(8080, 'udp'),
    ]);
  });
});
