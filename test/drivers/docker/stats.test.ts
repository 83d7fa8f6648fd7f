import { describe, expect, it } from 'vitest';
import type { ContainerStats } from '../../../src/drivers/docker/engine-types.ts';
import { usageOf } from '../../../src/drivers/docker/stats.ts';

const running: ContainerStats = {
  read: '2026-01-01T00:00:01Z',
  cpu_stats: { cpu_usage: { total_usage: 5e8 } },
  memory_stats: { usage: 1000, limit: 4000, stats: { total_inactive_file: 300 } },
  pids_stats: { current: 3 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { op: 'Read', value: 10 },
      { op: 'Write', value: 4 },
      { op: 'Total', value: 14 },
      { op: 'read', value: 1 },
    ],
  },
  networks: { eth0: { rx_bytes: 7, tx_bytes: 8 }, eth1: { rx_bytes: 1, tx_bytes: 1 } },
};

describe('what the engine says of a container’s use', () => {
  it('becomes counters, with every disk and network together', () => {
    expect(usageOf(running)).toEqual({
      at: Date.parse('2026-01-01T00:00:01Z'),
      cpu: 5e8,
      memory: 700,
      memoryLimit: 4000,
      pids: 3,
      io: { read: 11, written: 4 },
      network: { received: 8, sent: 9 },
    });
  });

  it.each([
    { name: 'cgroup v1', stats: { total_inactive_file: 300, inactive_file: 100 }, memory: 700 },
    { name: 'cgroup v2', stats: { inactive_file: 100 }, memory: 900 },
    { name: 'an engine that does not tell', stats: {}, memory: 1000 },
    { name: 'more idle pages than use', stats: { inactive_file: 2000 }, memory: 1000 },
  ])('counts the working set on $name', ({ stats, memory }) => {
    expect(usageOf({ ...running, memory_stats: { usage: 1000, stats } })?.memory).toBe(memory);
  });

  it('is nothing for a container that has stopped, which the engine answers with zeros for', () => {
    const stopped = { read: '0001-01-01T00:00:00Z', cpu_stats: { cpu_usage: { total_usage: 0 } }, memory_stats: {} };
    expect(usageOf(stopped)).toBeUndefined();
  });

  it('leaves out disks and networks of which the engine says nothing', () => {
    const { networks: _, ...rest } = running;
    const usage = usageOf({ ...rest, blkio_stats: { io_service_bytes_recursive: null } });
    expect(usage).not.toHaveProperty('io');
    expect(usage).not.toHaveProperty('network');
  });
});
