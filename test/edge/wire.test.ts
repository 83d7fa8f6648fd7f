import { describe, expect, it } from 'vitest';
import { closingResponse, speaksHttp } from '../../src/edge/closing-responses.ts';
import { proxyHeader } from '../../src/edge/proxy-header.ts';

describe('the PROXY header', () => {
  const ends = { remoteAddress: '192.0.2.7', remotePort: 50000, localAddress: '198.51.100.1', localPort: 8080 };
  const six = { ...ends, remoteAddress: '2001:db8::7' };

  it('of version 1 is a line of text', () => {
    expect(proxyHeader('v1', ends).toString()).toBe('PROXY TCP4 192.0.2.7 198.51.100.1 50000 8080\r\n');
    expect(proxyHeader('v1', { ...ends, remoteAddress: '::ffff:192.0.2.7' })).toEqual(proxyHeader('v1', ends));
    expect(proxyHeader('v1', six).toString()).toBe('PROXY TCP6 2001:db8::7 ::ffff:c633:6401 50000 8080\r\n');
  });

  it('of version 2 is its signature, the command, and addresses and ports as bytes', () => {
    expect(proxyHeader('v2', ends).toString('hex')).toBe(
      '0d0a0d0a000d0a515549540a' + '21' + '11' + '000c' + 'c0000207' + 'c6336401' + 'c350' + '1f90',
    );
    const long = proxyHeader('v2', six);
    expect([long[13], long.readUInt16BE(14), long.length]).toEqual([0x21, 36, 52]);
  });
});

describe('a response of a replica that drains', () => {
  const closing = (text: string): string => closingResponse(Buffer.from(text, 'latin1')).toString('latin1');

  it('tells its client to close', () => {
    expect(
      closing('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\nok'),
    ).toBe('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
  });

  it('is left as it is where it is no final response with its whole head', () => {
    for (const text of [
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.1 101 Switching\r\n\r\n',
      'HTTP/1.1 200 OK\r\nA: b',
      'x\r\n\r\n',
    ]) {
      expect(closing(text)).toBe(text);
    }
  });

  it('is looked for only where the client spoke HTTP/1', () => {
    expect(speaksHttp(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))).toBe(true);
    expect(speaksHttp(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'))).toBe(false);
    expect(speaksHttp(Buffer.from([0x16, 3, 1, 2, 0]))).toBe(false);
  });
});
