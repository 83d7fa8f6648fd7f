import { execa } from 'execa';

/** How a command ended, and what it printed; `all` holds both streams in the order they came. */
export interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly all: string;
}

/** Runs `file` without input to its end, whatever its exit code. `environment` is added to this process's own. */
export async function runCommand(
  file: string,
  parameters: readonly string[],
  options: { readonly cwd?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  const { exitCode, stdout, stderr, all } = await execa(file, parameters, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { NO_COLOR: '1', FORCE_COLOR: undefined, ...options.environment },
    stdin: 'ignore',
    all: true,
    reject: false,
  });
  return { exitCode, stdout, stderr, all };
}
