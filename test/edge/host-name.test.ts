import { describe, expect, it } from 'vitest';
import { allowingEntry, hostAndPort, hostName } from '../../src/edge/host-name.ts';

describe('a host name', () => {
  it.each([
    ['API.Example.com', 'api.example.com'],
    ['api.example.com.', 'api.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['_srv.example.com', '_srv.example.com'],
    ['localhost', 'localhost'],
  ])('is compared in one form: %s', (written, name) => {
    expect(hostName(written)).toBe(name);
  });

  it.each([
    ...['127.0.0.1', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '1.2.3', '::1', '[::1]', '1.2.3.4.'],
    ...['', '.', 'a..b', 'a b', 'a/b', 'ex%41mple.com', 'user@host', 'host:80', '-a.example', 'a\u0000.example'],
    `${'a'.repeat(64)}.example`,
  ])('is not %j', (written) => {
    expect(hostName(written)).toBeUndefined();
  });

  it('may come with a port', () => {
    expect(hostAndPort('api.example.com:8443', 443)).toEqual({ host: 'api.example.com', port: 8443 });
    expect(hostAndPort('api.example.com', 443)).toEqual({ host: 'api.example.com', port: 443 });
    for (const wrong of ['api.example.com:0', 'api.example.com:65536', 'a:b', 'a:1:2', ':80', '1.2.3.4:80']) {
      expect(hostAndPort(wrong, 443), wrong).toBeUndefined();
    }
  });
});

describe('the list of allowed hosts', () => {
  const allowed = (entry: string, host: string, port = 443, only?: number): boolean =>
    allowingEntry([{ host: entry, ...(only === undefined ? {} : { port: only }) }], { host, port }) !== undefined;

  it('takes an exact name as just that name', () => {
    expect(allowed('api.example.com', 'api.example.com')).toBe(true);
    expect(allowed('API.example.com.', 'api.example.com')).toBe(true);
    expect(allowed('api.example.com', 'a.api.example.com')).toBe(false);
    expect(allowed('api.example.com', 'example.com')).toBe(false);
  });

  it('takes a wildcard as what lies below the domain, not as the domain and not as what ends alike', () => {
    expect(allowed('*.example.com', 'a.example.com')).toBe(true);
    expect(allowed('*.example.com', 'a.b.example.com')).toBe(true);
    expect(allowed('*.example.com', 'example.com')).toBe(false);
    expect(allowed('*.example.com', 'badexample.com')).toBe(false);
    expect(allowed('*.example.com', 'example.com.evil.test')).toBe(false);
  });

  it('means plain HTTP and TLS where it names no port, and that port alone where it does', () => {
    expect([80, 443, 22, 8443].map((port) => allowed('a.test', 'a.test', port))).toEqual([true, true, false, false]);
    expect([80, 443, 8443].map((port) => allowed('a.test', 'a.test', port, 8443))).toEqual([false, false, true]);
  });

  it('prefers the entry that says the host is private', () => {
    const list = [{ host: '*.corp.test' }, { host: 'db.corp.test', private: true }];
    expect(allowingEntry(list, { host: 'db.corp.test', port: 443 })).toEqual({ host: 'db.corp.test', private: true });
  });
});
