import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The engine to test on, as DOCKER_HOST has it; absent where there is none. */
    readonly dockerHost?: string;
    /** Why there is none. */
    readonly dockerSkipReason?: string;
  }
}

const script = join(import.meta.dirname, '..', '..', 'scripts', 'engine');
const run = promisify(execFile);

/**
 * Global set-up: a Docker Engine with the test images, found or started, or the reason why there is none. With
 * AAC_REQUIRE_DOCKER=1 that is an error. An engine that was started for this run ends with it.
 */
export default async function setup({ provide }: TestProject): Promise<(() => Promise<void>) | undefined> {
  const user = String(process.pid);
  try {
    const { stdout } = await run(script, ['up', '--for', user], { timeout: 600_000 });
    provide('dockerHost', stdout.trim().split('\n').at(-1) ?? '');
  } catch (error) {
    const reason = reasonOf(error);
    if (process.env.AAC_REQUIRE_DOCKER === '1') throw new Error(`Docker is required, but ${reason}`, { cause: error });
    provide('dockerSkipReason', reason);
    return undefined;
  }
  return async () => {
    await run(script, ['release', user], { timeout: 120_000 });
  };
}

function reasonOf(error: unknown): string {
  const { stderr = '', message } = error as Error & { stderr?: string };
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.at(-1) ?? message;
}
