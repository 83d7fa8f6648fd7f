import { describe, expect, it } from 'vitest';
import { parseCommands, parseCookies, parseListeners, parseProcesses } from '../../../src/drivers/process/ps-output.ts';

describe('what ps prints', () => {
  it('is read with blanks in the command, without what has ended', () => {
    const text = [
      '    1     1 Ss   Thu Sep  3 12:00:00 2026 launchd',
      ' 4711  4711 S+   Thu Sep  3 12:00:01 2026 /Applications/My App.app/My App',
      ' 4712  4711 Z    Thu Sep  3 12:00:01 2026 sh',
      '',
    ].join('\n');
    expect(parseProcesses(text)).toEqual([
      { pid: 1, pgid: 1, sid: 1, started: 'Thu Sep 3 12:00:00 2026', command: 'launchd', stopped: false },
      { pid: 4711, pgid: 4711, sid: 4711, started: 'Thu Sep 3 12:00:01 2026', command: 'My App', stopped: false },
    ]);
  });

  it('gives the cookie of an environment', () => {
    const [bare, full] = ['  7 sleep 60', '  7 sleep 60 PATH=/bin AAC_INSTANCE_ID=w/n/0f AAC_WORKSPACE=w'].map((text) =>
      parseCommands(text).get(7)!,
    );
    expect(parseCookies(bare!, full!)).toEqual({ AAC_INSTANCE_ID: 'w/n/0f', AAC_WORKSPACE: 'w' });
  });

  it('gives no cookie that stands in the arguments, or of a process that changed in between', () => {
    const args = 'grep AAC_INSTANCE_ID=w/n/0f';
    expect(parseCookies(args, `${args} PATH=/bin`)).toEqual({});
    expect(parseCookies('sh -c x', 'sleep 60 AAC_INSTANCE_ID=w/n/0f')).toEqual({});
  });
});

describe('what lsof prints', () => {
  it('is read as sockets, each with its first holder', () => {
    const text = [
      ...['p10', 'cnode', 'f20', 'tIPv4', 'PTCP', 'n127.0.0.1:8080', 'f21', 'tIPv6', 'PTCP', 'n*:9090'],
      ...['f22', 'tIPv4', 'PUDP', 'n*:53', 'f23', 'tIPv4', 'PUDP', 'n10.0.0.1:40000->10.0.0.2:53'],
      ...['p11', 'cnode', 'f20', 'tIPv4', 'PTCP', 'n127.0.0.1:8080', 'f21', 'tIPv6', 'PTCP', 'n[::1]:7070', ''],
    ].join('\n');
    expect(parseListeners(text)).toEqual([
      { port: 8080, protocol: 'tcp', hostIp: '127.0.0.1', pid: 10, command: 'node' },
      { port: 9090, protocol: 'tcp', hostIp: '::', pid: 10, command: 'node' },
      { port: 53, protocol: 'udp', hostIp: '0.0.0.0', pid: 10, command: 'node' },
      { port: 7070, protocol: 'tcp', hostIp: '::1', pid: 11, command: 'node' },
    ]);
  });
});
