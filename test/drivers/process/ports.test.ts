import { describe, expect, it } from 'vitest';
import { createPortAllocator, protocolOf } from '../../../src/drivers/process/ports.ts';

const free = { host: 0, hostIp: '127.0.0.1' };

describe('allocating ports', () => {
  it('never gives one that another instance was given, now or before', async () => {
    const offers = [1001, 1001, 1002, 1003, 1003, 1004];
    const allocator = createPortAllocator(async () => offers.shift()!);
    const taken = async (): Promise<readonly number[]> => [1002];
    const [first, second] = await Promise.all([
      allocator.allocate({ '80/tcp': free, '81/tcp': free }, taken),
      allocator.allocate({ '80/tcp': free }, taken),
    ]);
    expect([first, second]).toEqual([
      { '80/tcp': { ...free, host: 1001 }, '81/tcp': { ...free, host: 1003 } },
      { '80/tcp': { ...free, host: 1004 } },
    ]);
  });

  it('takes a port that was asked for as it is, and gives it to nobody else', async () => {
    const offers = [8080, 8081];
    const allocator = createPortAllocator(async () => offers.shift()!);
    const ports = { '80/tcp': { host: 8080, hostIp: '0.0.0.0' }, '81/udp': free };
    expect(await allocator.allocate(ports, async () => [])).toEqual({
      '80/tcp': { host: 8080, hostIp: '0.0.0.0' },
      '81/udp': { ...free, host: 8081 },
    });
  });

  it('goes on after one that failed', async () => {
    const allocator = createPortAllocator(async () => 1001);
    const failing = allocator.allocate({ '80/tcp': free }, () => Promise.reject(new Error('unreadable')));
    await expect(failing).rejects.toThrow('unreadable');
    expect(await allocator.allocate({ '80/tcp': free }, async () => [])).toEqual({ '80/tcp': { ...free, host: 1001 } });
  });

  it('knows the protocol of a port', () => {
    expect(['80/tcp', '80/udp', '80'].map(protocolOf)).toEqual(['tcp', 'udp', 'tcp']);
  });
});
