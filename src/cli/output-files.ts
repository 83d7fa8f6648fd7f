import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Diagnostic } from '../model/diagnostic.ts';

/** The options that name a file, and what is written to it. */
export const outputOptionNames = [
  ['outText', 'text'],
  ['outJson', 'json'],
  ['outJsonl', 'jsonl'],
  ['outMarkdown', 'markdown'],
  ['outSarif', 'sarif'],
  ['outJunit', 'junit'],
] as const;

/** What is in the way of writing these files: found out without touching them. */
export async function unwritable(
  files: readonly { readonly file: string; readonly written: string }[],
): Promise<readonly Diagnostic[]> {
  const problems = await Promise.all(
    files.map(async ({ file, written }) => ({ written, reason: await obstacle(file) })),
  );
  const twice = files.filter(({ file }, index) => files.findIndex((other) => other.file === file) < index);
  return [
    ...problems.flatMap(({ written, reason }) => (reason === undefined ? [] : [refusal(written, reason)])),
    ...twice.map(({ written }) => refusal(written, 'two results are to go there')),
  ];
}

async function obstacle(file: string): Promise<string | undefined> {
  try {
    const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (found?.isDirectory()) return 'it is a directory';
    if (found) await access(file, constants.W_OK);
    if (found && !found.isFile()) return undefined;
    const directory = await stat(dirname(file));
    if (!directory.isDirectory()) return `\`${dirname(file)}\` is no directory`;
    await access(dirname(file), constants.W_OK);
    return undefined;
  } catch (error) {
    return reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? String(error);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'what it lies in is no directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
};

function refusal(file: string, reason: string): Diagnostic {
  return {
    code: 'invalid-argument',
    severity: 'error',
    message: `\`${file}\` cannot be written: ${reason}`,
    hint: 'name another file; nothing has been done yet',
  };
}
