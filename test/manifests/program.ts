import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Rig } from '../support/rig.ts';
import { runCommand, type Ended } from '../support/run-command.ts';

const root = join(import.meta.dirname, '..', '..');

/** Runs `manifests/program` in a project of the rig that has the package among its dependencies. */
export function runProgram(
  rig: Rig,
  parameters: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  mkdirSync(join(rig.folder, 'node_modules', '@agents-as-code'), { recursive: true });
  symlinkSync(root, join(rig.folder, 'node_modules', '@agents-as-code', 'aac'));
  cpSync(join(root, 'manifests', 'program'), rig.folder, { recursive: true });
  return runCommand(process.execPath, [join(rig.folder, 'program.js'), ...parameters], {
    environment: { AAC_STATE_DIR: rig.state, ...environment },
  });
}

/** Expects that it said what its README promises. */
export function expectProgram(ended: Ended): void {
  expect(ended.all.split('\n')).toEqual([
    'run/counter is running',
    'count 2',
    'count 4',
    'count 6',
    expect.stringMatching(/^it uses [1-9]\d* KiB and [\d.e-]+ cores$/),
    'its step is 2',
    'it ended with 3',
  ]);
  expect(ended.exitCode).toBe(0);
}
