import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';

/** What a cgroup limits. */
export type Controller = 'memory' | 'cpu' | 'pids';

/** Where this machine lets us make cgroups, found by looking alone. */
export interface CgroupSupport {
  readonly version: 'v1' | 'v2';
  /** The folder to make cgroups in, for each controller that is to be had; one folder for all in version 2. */
  readonly parents: Readonly<Partial<Record<Controller, string>>>;
  /** The same in a version 2 hierarchy, which freezes and kills whole trees, with or without controllers. */
  readonly tree?: string;
}

/** How files are looked at; a made-up machine in tests. */
export interface CgroupFiles {
  /** `''` for what is not there. */
  read(path: string): string;
  isWritable(path: string): boolean;
}

const controllers: readonly Controller[] = ['memory', 'cpu', 'pids'];

/**
 * The cgroups that may be made here: a version 2 subtree that was delegated to us, or the hierarchies of root; a
 * hierarchy without the memory controller is taken for no more than freezing and killing.
 */
export function findCgroups(files: CgroupFiles = realFiles): CgroupSupport | undefined {
  const mounts = parseMounts(files.read('/proc/self/mounts'));
  const unified = mounts.find(({ type }) => type === 'cgroup2')?.path;
  const delegated = unified === undefined ? undefined : findDelegated(files, unified);
  if (delegated) return delegated;
  const parents: Partial<Record<Controller, string>> = {};
  for (const controller of controllers) {
    const mount = mounts.find(({ type, options }) => type === 'cgroup' && options.includes(controller));
    if (mount && files.isWritable(mount.path)) parents[controller] = join(mount.path, 'aac');
  }
  if (!parents.memory) return undefined;
  const tree = unified !== undefined && files.isWritable(unified) ? { tree: join(unified, 'aac') } : {};
  return { version: 'v1', parents, ...tree };
}

/** The highest folder above our own cgroup that we may write to and that hands the memory controller down. */
function findDelegated(files: CgroupFiles, mount: string): CgroupSupport | undefined {
  const own = /^0::(\/.*)$/m.exec(files.read('/proc/self/cgroup'))?.[1] ?? '/';
  let found: CgroupSupport | undefined;
  for (let folder = join(mount, own); ; folder = dirname(folder)) {
    const handedDown = files.read(join(folder, 'cgroup.subtree_control')).trim().split(/\s+/);
    if (handedDown.includes('memory') && files.isWritable(folder) && files.isWritable(join(folder, 'cgroup.procs'))) {
      const parent = join(folder, 'aac');
      const parents = Object.fromEntries(
        controllers.filter((controller) => handedDown.includes(controller)).map((name) => [name, parent]),
      );
      found = { version: 'v2', parents, tree: parent };
    }
    if (folder.length <= mount.length) return found;
  }
}

interface Mount {
  readonly path: string;
  readonly type: string;
  readonly options: readonly string[];
}

function parseMounts(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [, path, type, options] = line.split(' ');
    return path !== undefined && type !== undefined ? [{ path, type, options: (options ?? '').split(',') }] : [];
  });
}

const realFiles: CgroupFiles = {
  read(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  },
  isWritable(path) {
    try {
      accessSync(path, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  },
};
