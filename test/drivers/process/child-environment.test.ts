import { describe, expect, it } from 'vitest';
import { baseEnvironment, portEnvironment } from '../../../src/drivers/process/child-environment.ts';

describe('the environment of a process', () => {
  it('takes from the caller only where things are and how text is written', () => {
    expect(baseEnvironment({ PATH: '/bin', HOME: '/root', TOKEN: 'secret', AAC_LATCH: '1', LANG: '' })).toEqual({
      PATH: '/bin',
      HOME: '/root',
    });
  });

  it('has a PATH when the caller has none', () => {
    expect(baseEnvironment({}).PATH).toContain('/usr/bin');
  });

  it('names the lowest port `PORT`, in whatever order they were written', () => {
    const high = { '10080/tcp': { host: 3, hostIp: '127.0.0.1' } };
    const low = { '8080/udp': { host: 2, hostIp: '0.0.0.0' }, '8080/tcp': { host: 1, hostIp: '127.0.0.1' } };
    const expected = { PORT: '1', AAC_HOST: '127.0.0.1', AAC_PORT_8080: '1', AAC_PORT_10080: '3' };
    expect(portEnvironment({ ...high, ...low })).toEqual(expected);
    expect(portEnvironment({ ...low, ...high })).toEqual(expected);
    expect(portEnvironment({})).toEqual({});
  });
});
