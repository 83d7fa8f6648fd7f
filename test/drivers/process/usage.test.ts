import { describe, expect, it } from 'vitest';
import { parsePsUsage, parseUsage, sumUsage } from '../../../src/drivers/process/usage.ts';
import { groupOf } from '../../../src/drivers/process/run-as.ts';

describe('what a process has used', () => {
  const stat = '7 (a ) b) S 1 7 7 0 -1 0 0 0 0 0 100 20 3 4 20 0 1 0 5000 0 0';

  it('is its time and that of its children that have ended, and what of its memory is resident', () => {
    const io = 'rchar: 9\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 1\n';
    expect(parseUsage(7, stat, 'Name:\ta\nVmRSS:\t    12 kB\n', io)).toEqual({
      pid: 7,
      cpu: 1.27e9,
      memory: 12_288,
      io: { read: 4096, written: 8192 },
    });
    expect(parseUsage(7, '', '', '')).toBeUndefined();
  });

  it('is summed up, with what it read and wrote only where that is known of all', () => {
    const known = { pid: 1, cpu: 1, memory: 10, io: { read: 1, written: 2 } };
    expect(sumUsage([known, { ...known, pid: 2 }])).toEqual({ cpu: 2, memory: 20, io: { read: 2, written: 4 } });
    expect(sumUsage([known, { pid: 2, cpu: 1, memory: 10 }])).toEqual({ cpu: 2, memory: 20 });
    expect(sumUsage([])).toEqual({ cpu: 0, memory: 0 });
  });

  it.each([
    ['  7   2048 00:00:03', 3],
    ['  7   2048   1:02.50', 62.5],
    ['  7   2048 1-01:00:01', 90_001],
  ])('is read from what ps prints: %s', (line, seconds) => {
    expect(parsePsUsage(`${line}\n`)).toEqual([{ pid: 7, cpu: seconds * 1e9, memory: 2 * 2 ** 20 }]);
  });
});

describe('the group of a user', () => {
  it('is the one the system knows', () => {
    const text = 'root:x:0:0:root:/root:/bin/sh\nada:x:1000:100:Ada:/home/ada:/bin/sh\n';
    expect(groupOf(text, 1000)).toBe(100);
    expect(groupOf(text, 7)).toBeUndefined();
  });
});
