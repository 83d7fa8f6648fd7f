import { describe, expect, it } from 'vitest';
import { cgroupOf, limitFiles } from '../../../src/drivers/process/cgroup.ts';
import { findCgroups, type CgroupFiles } from '../../../src/drivers/process/find-cgroups.ts';

/** A machine with these files, of which those in `writable` can be written. */
function machine(files: Readonly<Record<string, string>>, writable: readonly string[]): CgroupFiles {
  return { read: (path) => files[path] ?? '', isWritable: (path) => writable.includes(path) };
}

const session = '/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service';
const version2 = {
  '/proc/self/mounts': 'proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n',
  '/proc/self/cgroup': '0::/user.slice/user-1000.slice/user@1000.service/app.slice/shell.scope\n',
  '/sys/fs/cgroup/cgroup.subtree_control': 'cpu memory pids\n',
  [`${session}/cgroup.subtree_control`]: 'memory pids\n',
  [`${session}/app.slice/cgroup.subtree_control`]: 'memory pids\n',
};
const version1 = {
  '/proc/self/mounts': [
    'cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0',
    'cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0',
    'cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0',
  ].join('\n'),
  '/proc/self/cgroup': '4:memory:/\n0::/\n',
  '/sys/fs/cgroup/unified/cgroup.subtree_control': '\n',
};

describe('the cgroups of a machine', () => {
  it('are the highest folder of version 2 that was delegated, with what it hands down', () => {
    const own = [session, `${session}/app.slice`];
    const writable = own.flatMap((folder) => [folder, `${folder}/cgroup.procs`]);
    const parent = `${session}/aac`;
    expect(findCgroups(machine(version2, writable))).toEqual({
      version: 'v2',
      parents: { memory: parent, pids: parent },
      tree: parent,
    });
  });

  it('are those at the root of version 2 for root', () => {
    const writable = ['/sys/fs/cgroup', '/sys/fs/cgroup/cgroup.procs'];
    const parent = '/sys/fs/cgroup/aac';
    expect(findCgroups(machine(version2, writable))).toMatchObject({
      version: 'v2',
      parents: { memory: parent, cpu: parent, pids: parent },
    });
  });

  it('are those of version 1, beside a version 2 without controllers that kills and freezes', () => {
    const writable = ['/sys/fs/cgroup/memory', '/sys/fs/cgroup/cpu,cpuacct', '/sys/fs/cgroup/unified'];
    expect(findCgroups(machine(version1, writable))).toEqual({
      version: 'v1',
      parents: { memory: '/sys/fs/cgroup/memory/aac', cpu: '/sys/fs/cgroup/cpu,cpuacct/aac' },
      tree: '/sys/fs/cgroup/unified/aac',
    });
  });

  it.each([
    ['nothing may be written', version2, []],
    ['only a hierarchy without controllers may be written', version1, ['/sys/fs/cgroup/unified']],
    ['there are none', {}, []],
  ])('are none where %s', (_, files, writable) => {
    expect(findCgroups(machine(files, writable))).toBeUndefined();
  });
});

describe('the limits of a cgroup', () => {
  const limits = { cpu: 1_500_000_000, memory: 64 * 2 ** 20, pids: 20 };
  const none = { cpu: null, memory: null, pids: null };

  it.each(['v1', 'v2'] as const)('in version %s are given, and taken away again', (version) => {
    const parents = { memory: '/m', cpu: '/c', pids: '/p' };
    const cgroup = cgroupOf({ version, parents }, 'web');
    const written = (resources: Parameters<typeof limitFiles>[1]): Readonly<Record<string, string>> =>
      Object.fromEntries(limitFiles(cgroup, resources).map(({ path, value }) => [path, value]));
    expect(written({ limits, requests: { cpu: 5e8, memory: 1024 } })).toMatchObject(
      version === 'v1'
        ? {
            '/m/web/memory.limit_in_bytes': '67108864',
            '/m/web/memory.memsw.limit_in_bytes': '67108864',
            '/m/web/memory.soft_limit_in_bytes': '1024',
            '/c/web/cpu.cfs_quota_us': '150000',
            '/c/web/cpu.shares': '512',
            '/p/web/pids.max': '20',
          }
        : {
            '/m/web/memory.max': '67108864',
            '/m/web/memory.swap.max': '0',
            '/m/web/memory.low': '1024',
            '/c/web/cpu.max': '150000 100000',
            '/p/web/pids.max': '20',
          },
    );
    expect(written({ limits: none })).toMatchObject(
      version === 'v1'
        ? { '/m/web/memory.limit_in_bytes': '-1', '/c/web/cpu.cfs_quota_us': '-1', '/p/web/pids.max': 'max' }
        : { '/m/web/memory.max': 'max', '/c/web/cpu.max': 'max 100000', '/p/web/pids.max': 'max' },
    );
  });
});
