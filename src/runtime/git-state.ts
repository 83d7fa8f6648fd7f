import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GitState } from '../model/revision.ts';

const run = promisify(execFile);
const timeout = 3000;

/**
 * The commit of the checkout that a directory lies in, and whether the directory has changes that it does not hold.
 * `undefined` where there is no git, no checkout or no commit yet. Writes nothing and runs no program that the checkout names.
 */
export async function gitState(directory: string): Promise<GitState | undefined> {
  const git = async (...parameters: readonly string[]): Promise<string> => {
    const settings = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '--no-optional-locks'];
    const { stdout } = await run('git', ['-C', directory, ...settings, ...parameters], { timeout });
    return stdout.trim();
  };
  try {
    const [commit, changes] = await Promise.all([
      git('rev-parse', '--verify', 'HEAD'),
      git('status', '--porcelain', '--', '.'),
    ]);
    return { commit, dirty: changes !== '' };
  } catch {
    return undefined;
  }
}
