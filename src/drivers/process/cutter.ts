import { spawn } from 'node:child_process';
import type { LogPaths } from './log-state.ts';

/**
 * What cuts a log and lets the frozen go on. It is a process of its own that reads orders until its input ends, which
 * it does too when aac is killed in the middle: so nobody stays frozen and no cut is left half done.
 */
const script = `targets=
freezer=
while read -r order what; do
  case $order in
    thaw) targets="$targets $what" ;;
    freezer) freezer=$what ;;
    cut) : >"$1" && mv -f "$2" "$3" ;;
  esac
done
[ -z "$freezer" ] || echo 0 >"$freezer"
[ -z "$targets" ] || kill -s CONT -- $targets
exit 0`;

/** Orders for a cutter. Each is certain to be carried out once the call returns. */
export interface Cutter {
  /** Remembers whom to let go on: a process, or a group when negative. Said before it is stopped. */
  willThaw(pid: number): void;
  /** The `cgroup.freeze` file to write 0 to. */
  willThawCgroup(file: string): void;
  /** Empties the live file and renames its copy. */
  cut(): void;
  /** Lets all go on; resolves once they do. */
  finish(): Promise<void>;
}

/** Starts a cutter for one log. */
export async function startCutter(paths: LogPaths): Promise<Cutter> {
  const child = spawn('/bin/sh', ['-c', script, 'aac-cutter', paths.live, paths.copy, paths.cut], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  child.stdin.on('error', () => undefined); // it was killed: the state says how far it came
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const order = (...words: readonly string[]): void => {
    child.stdin.write(`${words.join(' ')}\n`);
  };
  return {
    willThaw: (pid) => {
      order('thaw', String(pid));
    },
    willThawCgroup: (file) => {
      order('freezer', file);
    },
    cut: () => {
      order('cut');
    },
    finish: () => {
      child.stdin.end();
      return ended;
    },
  };
}
