import { describe, expect, it } from 'vitest';
import {
  cookiesOf,
  isAlive,
  parseEnvironment,
  parseSockets,
  parseStat,
} from '../../../src/drivers/process/proc-files.ts';

const rest = '1 4711 4712 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000 200';

describe('a stat file', () => {
  it.each(['node', 'tmux: server', 'a) R 1 1 1 (b', '(sd-pam)', ''])('is read past the command `%s`', (command) => {
    expect(parseStat(`42 (${command}) S ${rest}`)).toEqual({
      command,
      state: 'S',
      pgid: 4711,
      sid: 4712,
      started: '987654',
    });
  });

  it.each(['', '42', '42 (node', '42 (node) S 1 2'])('that is `%s` says nothing', (text) => {
    expect(parseStat(text)).toBeUndefined();
  });

  it('of a zombie or a dead process is of none that runs', () => {
    expect(['R', 'S', 'D', 'T', 'Z', 'X', 'Z+', 'Ss'].filter(isAlive)).toEqual(['R', 'S', 'D', 'T', 'Ss']);
  });
});

describe('an environment', () => {
  it('is read with every sign in its values, the first of two wins', () => {
    expect(parseEnvironment('A=1=2\0B=x y\nz\0=C\0D\0A=3\0E=\0')).toEqual({ A: '1=2', B: 'x y\nz', E: '' });
  });

  it('holds the variables of aac among others', () => {
    expect(cookiesOf({ PATH: '/bin', AAC_INSTANCE_ID: 'a/b/c', AAC_PORT_80: '1', AAC_LATCH: '2' })).toEqual({
      AAC_INSTANCE_ID: 'a/b/c',
      AAC_LATCH: '2',
    });
  });
});

describe('a table of sockets', () => {
  const line = (address: string, state: string, inode: string): string =>
    `  0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0000 100`;

  it.each([
    ['00000000:1F90', '0.0.0.0', 8080],
    ['0100007F:0016', '127.0.0.1', 22],
    ['00000000000000000000000000000000:1F90', '::', 8080],
    ['00000000000000000000000001000000:1F90', '::1', 8080],
    ['0000000000000000FFFF00000100007F:1F90', '127.0.0.1', 8080],
    ['B80D0120000000000000000001000000:01BB', '2001:db8::1', 443],
  ])('reads %s', (text, hostIp, port) => {
    expect(parseSockets(`sl local_address ...\n${line(text, '0A', '77')}\n`, '0A')).toEqual([
      { port, hostIp, inode: '77' },
    ]);
  });

  it('passes over sockets in other states', () => {
    expect(parseSockets(line('0100007F:0016', '01', '77'), '0A')).toEqual([]);
  });
});
