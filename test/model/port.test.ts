import { describe, expect, test } from 'vitest';
import {
  hostIpsCollide,
  hostPortRange,
  isIp,
  parseHostIp,
  parseHostPort,
  parsePortKey,
  parsePortMappings,
  portKey,
} from '../../src/model/port.ts';

describe('mappings', () => {
  test.each([
    ['8080', [{ container: 8080 }]],
    ['8080:80', [{ container: 80, host: 8080 }]],
    ['8080:80/tcp', [{ container: 80, host: 8080, protocol: 'tcp' }]],
    ['53:53/UDP', [{ container: 53, host: 53, protocol: 'udp' }]],
    ['0:80', [{ container: 80, host: 0 }]],
    ['127.0.0.1:8080:80', [{ container: 80, host: 8080, hostIp: '127.0.0.1' }]],
    ['127.0.0.1::80', [{ container: 80, host: 0, hostIp: '127.0.0.1' }]],
    ['[::1]:8080:80', [{ container: 80, host: 8080, hostIp: '::1' }]],
    ['::1:8080:80', [{ container: 80, host: 8080, hostIp: '::1' }]],
    ['8080-8089:80', [{ container: 80, host: '8080-8089' }]],
    ['9000-9001', [{ container: 9000 }, { container: 9001 }]],
    [
      '8000-8001:9000-9001/udp',
      [
        { container: 9000, host: 8000, protocol: 'udp' },
        { container: 9001, host: 8001, protocol: 'udp' },
      ],
    ],
    [
      '8080:80, 9090:90',
      [
        { container: 80, host: 8080 },
        { container: 90, host: 9090 },
      ],
    ],
  ])('%s', (text, mappings) => {
    expect(parsePortMappings(text)).toEqual({ ok: true, value: mappings });
  });

  test.each([
    ['', '`` is no port'],
    ['8080:', '`8080:` is no port'],
    [':80', '`:80` is no port'],
    ['0', 'container port `0` is not within 1 and 65535'],
    ['70000', 'container port `70000` is not within 1 and 65535'],
    ['8080:70000', 'container port `70000` is not within 1 and 65535'],
    ['99999:80', 'host port `99999` is not within 1 and 65535'],
    ['80/sctp', '`sctp` is no protocol a port can have'],
    ['80/tcp/udp', '`80/tcp/udp` is no port'],
    ['http', '`http` is no container port'],
    ['localhost:8080:80', '`localhost` is no IP address'],
    ['8003-8000:80', 'host port range `8003-8000` runs backwards'],
    ['8000-8002:9000-9001', '`8000-8002:9000-9001` has host and container ranges of different length'],
    ['8000:9000-9001', '`8000:9000-9001` has host and container ranges of different length'],
    ['8080:80,', '`` is no port'],
  ])('%s is an error', (text, message) => {
    const parsed = parsePortMappings(text);
    expect(parsed.ok ? parsed.value : parsed.error.message).toBe(message);
  });
});

test.each([
  [0, 0],
  ['0', 0],
  [8080, 8080],
  ['8080', 8080],
  ['8080-8089', '8080-8089'],
  ['8080-8080', 8080],
  ['x', undefined],
  ['0-5', undefined],
  [70000, undefined],
  [1.5, undefined],
])('host port %s is read as %s', (value, expected) => {
  const parsed = parseHostPort(value);
  expect(parsed.ok ? parsed.value : undefined).toBe(expected);
});

test('a range of host ports knows its ends, any free port has none', () => {
  expect(hostPortRange('8080-8089')).toEqual({ first: 8080, last: 8089 });
  expect(hostPortRange(80)).toEqual({ first: 80, last: 80 });
  expect(hostPortRange(0)).toBeUndefined();
});

test('wildcard addresses collide with every other, different ones do not', () => {
  expect(hostIpsCollide('0.0.0.0', '127.0.0.1')).toBe(true);
  expect(hostIpsCollide('127.0.0.1', '::')).toBe(true);
  expect(hostIpsCollide('127.0.0.1', '127.0.0.1')).toBe(true);
  expect(hostIpsCollide('127.0.0.1', '127.0.0.2')).toBe(false);
});

test.each([
  ['127.0.0.1', true],
  ['255.255.255.255', true],
  ['256.0.0.1', false],
  ['1.2.3', false],
  ['1.2.3.4.', false],
  ['::', true],
  ['fe80::1', true],
  ['fe80::zz', false],
  ['', false],
])('%s being an address is %s', (text, expected) => {
  expect(isIp(text)).toBe(expected);
});

test('localhost is an error that says which address is meant', () => {
  expect(parseHostIp('localhost')).toEqual({
    ok: false,
    error: { message: '`localhost` is no IP address', hint: 'did you mean `127.0.0.1`?' },
  });
});

test('a key names a port and its protocol, both ways', () => {
  expect(portKey(8080, 'udp')).toBe('8080/udp');
  expect(parsePortKey('8080/udp')).toEqual({ container: 8080, protocol: 'udp' });
  expect(parsePortKey('8080')).toBeUndefined();
});
