import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { isSystemError } from './failure.ts';

/** What can hold a process to what it may reach: bubblewrap, or why that cannot. */
export type Sandbox =
  | { readonly status: 'works'; readonly program: string }
  | { readonly status: 'missing' | 'refused'; readonly message: string; readonly hint: string };

/**
 * A user and a network of its own, in which there is nothing but a loopback; of the powers of root only that to listen
 * on low ports there. Being another user to the kernel, it cannot look into the processes of its user outside.
 */
const apart = [
  ...['--unshare-user', '--unshare-net', '--unshare-ipc'],
  ...['--cap-drop', 'ALL', '--cap-add', 'CAP_NET_BIND_SERVICE'],
];

/** Finds bubblewrap and tries it: it may be there and not be allowed to do its work. */
export function findSandbox(path: string): Sandbox {
  const program = path
    .split(delimiter)
    .map((folder) => join(folder, 'bwrap'))
    .find(isExecutable);
  if (program === undefined) {
    const hint = 'install the package `bubblewrap`';
    return { status: 'missing', message: 'bubblewrap is not installed', hint };
  }
  const tried = spawnSync(program, [...apart, '--dev-bind', '/', '/', '--', '/bin/true'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  if (tried.status === 0) return { status: 'works', program };
  const [why = ''] = (tried.error?.message ?? tried.stderr).trim().split('\n');
  return {
    status: 'refused',
    message: `bubblewrap may not separate networks here: ${why}`,
    hint: 'allow this user to make user namespaces, such as with an AppArmor profile for `bwrap`',
  };
}

/** What is put around a command. All paths are absolute. */
export interface Enclosure {
  readonly program: string;
  /** The folder that it runs in, the project's root, and others that it is to see though they lie in a hidden one. */
  readonly folder: string;
  readonly seen: readonly string[];
  /** Where aac keeps the state of the workspace. */
  readonly state: string;
  /** Paths below `state` that it sees all the same, to read or to write to. */
  readonly read: readonly string[];
  readonly written: readonly string[];
  /** The file that it has as `/etc/hosts`. */
  readonly hosts: string;
}

/** Where sockets lie that lead outside: of engines, sessions, terminals and agents of keys. */
const hidden = ['/run', '/tmp'];

/**
 * The words before the command. What else of the machine would go out on its behalf is hidden: sockets of engines and
 * sessions, and aac's own state, in which the rules of the edge are. The shell before it has the program that waits for
 * the command outlive signals, which reach the command by themselves: else its exit code would be lost.
 */
export function enclose(enclosure: Enclosure): readonly string[] {
  const { program, folder, seen, state, read, written, hosts } = enclosure;
  const back = [...new Set([folder, ...seen])]
    .filter((path) => hidden.some((top) => isBelow(path, top)))
    .sort((left, right) => left.length - right.length);
  const all = dirname(state); // of every workspace, unless the project itself lies in it
  const own = [folder, ...seen].some((path) => path === all || isBelow(path, all)) ? state : all;
  return [
    ...['/bin/sh', '-c', `trap '' HUP INT QUIT ALRM TERM USR1 USR2; exec "$@"`, 'aac-apart', program, ...apart],
    ...['--dev-bind', '/', '/'],
    ...hidden.flatMap((path) => ['--tmpfs', path]),
    ...back.flatMap((path) => ['--bind', path, path]),
    ...['--tmpfs', own],
    ...written.flatMap((path) => ['--bind', path, path]),
    ...read.flatMap((path) => ['--ro-bind', path, path]),
    ...['--ro-bind', hosts, '/etc/hosts'],
    ...['--chdir', folder, '--'],
  ];
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch (thrown) {
    if (isSystemError(thrown)) return false;
    throw thrown;
  }
}
