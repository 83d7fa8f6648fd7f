import { script } from '@bomb.sh/tab';
import type { Command } from 'commander';
import { readProject } from '../../manifest/read-project.ts';
import { complete } from '../complete.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';

/** `aac completion`: the script that makes a shell complete `aac`. */
export async function completion(_context: CommandContext, shell: string): Promise<ExitCode> {
  script(shell, 'aac', 'aac'); // prints it
  return exitCodes.ok;
}

/** What the scripts read behind the words: 0 lets the shell offer files too, 4 does not. */
const directives = { files: 0, noFiles: 4 } as const;

/**
 * `aac complete -- WORDS`, which the scripts call: a line for each word that may come next, its description behind a
 * tab, and a last line with a directive, as the scripts of the Go library cobra take them. Never fails.
 */
export async function completeWords(
  { terminal, surroundings, interruption }: CommandContext,
  program: Command,
  words: readonly string[],
): Promise<ExitCode> {
  const { cwd, environment } = surroundings;
  const path = pathIn(words);
  const reading = await readProject(path, { cwd, environment, signal: interruption.drain }).catch(() => undefined);
  const agents = (reading?.agents ?? []).map(({ name }) => name);
  const { candidates, files } = complete(program, words, agents);
  const lines = candidates.map(({ word, description }) => `${word}\t${description}\n`);
  terminal.out(`${lines.join('')}:${String(files ? directives.files : directives.noFiles)}\n`);
  return exitCodes.ok;
}

function pathIn(words: readonly string[]): string {
  const at = words.indexOf('--path');
  return (at < 0 ? undefined : words[at + 1]) ?? '.';
}
