import ipaddr from 'ipaddr.js';
import type { ProxyProtocol } from '../model/port.ts';

/** The two ends of a connection as the edge sees it. */
export interface Ends {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

const signature = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);

/**
 * What is sent ahead of a connection to say where it came from, by the PROXY protocol of HAProxy
 * (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt).
 */
export function proxyHeader(version: ProxyProtocol, ends: Ends): Buffer {
  const source = ipaddr.process(ends.remoteAddress);
  const destination = ipaddr.process(ends.localAddress);
  const four = source.kind() === 'ipv4' && destination.kind() === 'ipv4';
  const wide = (address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 =>
    !four && address instanceof ipaddr.IPv4 ? address.toIPv4MappedAddress() : address;
  const addresses = [wide(source), wide(destination)];
  if (version === 'v1') {
    const texts = addresses.map((address) => address.toString());
    return Buffer.from(
      `PROXY ${four ? 'TCP4' : 'TCP6'} ${texts.join(' ')} ${String(ends.remotePort)} ${String(ends.localPort)}\r\n`,
    );
  }
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(ends.remotePort, 0);
  ports.writeUInt16BE(ends.localPort, 2);
  const body = Buffer.concat([...addresses.map((address) => Buffer.from(address.toByteArray())), ports]);
  const head = Buffer.from([0x21, four ? 0x11 : 0x21, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([signature, head, body]);
}
