import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Drift } from '../model/plan.ts';
import { baselineOf, type DriftBaseline } from '../plan/drift-filter.ts';
import { err, ok, type Result } from '../util/result.ts';

/** Reads the file that `aac drift --write-baseline` wrote. */
export async function readBaseline(cwd: string, file: string): Promise<Result<DriftBaseline, readonly Diagnostic[]>> {
  const refused = (reason: string): Result<never, readonly Diagnostic[]> =>
    err([
      {
        code: 'unreadable-file',
        severity: 'error',
        message: `\`${file}\` cannot be read as a baseline: ${reason}`,
        hint: 'write it with `aac drift --baseline FILE --write-baseline`',
      },
    ]);
  try {
    const baseline = JSON.parse(await readFile(resolve(cwd, file), 'utf8')) as Partial<DriftBaseline> | null;
    if (baseline?.type !== 'drift-baseline' || !Array.isArray(baseline.drift)) return refused('it is none');
    if (baseline.formatVersion !== '1.0') return refused('it is of another version');
    return ok(baseline as DriftBaseline);
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
}

/** Writes a baseline that knows all of this drift. */
export async function writeBaseline(
  cwd: string,
  file: string,
  { workspace, drift }: { readonly workspace: string; readonly drift: readonly Drift[] },
): Promise<void> {
  await writeFileAtomic(resolve(cwd, file), `${JSON.stringify(baselineOf(workspace, drift), null, 2)}\n`);
}
