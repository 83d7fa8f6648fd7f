import { Argument, Option } from 'commander';
import type { Declarer } from './declarer.ts';
import {
  addExpectationOptions,
  addOutputOptions,
  allowDeleteOption,
  callTimeoutOption,
  formatOption,
  parallelismOption,
  waitTimeoutOption,
  wholeNumber,
} from './options.ts';

/** Commands about what was applied before. */
export function declareHistory({ command, run }: Declarer): void {
  const revision = (text: string): Argument => new Argument(text, 'the number of a revision').argParser(wholeNumber(1));

  const history = command(
    'history',
    'list what was applied from this machine: who, when, from which commit, how it ended',
    ['aac history manifests/', 'aac history show 1'],
  )
    .argument('[path]', 'the manifests, or their directory', '.')
    .addOption(new Option('-n, --limit <count>', 'only the last ones').argParser(wholeNumber(1)).default(20))
    .addOption(formatOption('text', 'json'))
    .action(run(async () => (await import('../commands/history.ts')).historyCommand));
  command(
    'show',
    'show one revision with what became of each step',
    ['aac history show 1', 'aac history show 1 --format json'],
    history,
  )
    .addArgument(revision('<revision>'))
    .option('--path <path>', 'the manifests, or their directory', '.')
    .addOption(formatOption('text', 'json'))
    .action(run(async () => (await import('../commands/history.ts')).showRevision));

  const rollingBack = command(
    'rollback',
    'plan what an earlier revision asked for, ask, and carry it out; a new revision',
    [
      'aac rollback   # to the last one that succeeded with other manifests',
      'aac rollback 1 --path manifests/',
      'aac rollback --expect "$DIGEST" --out-markdown rollback.md',
    ],
  )
    .addArgument(revision('[revision]'))
    .option('--path <path>', 'the manifests, or their directory', '.')
    .option('--auto-approve', 'do not ask', false)
    .addOption(allowDeleteOption())
    .addOption(parallelismOption())
    .option('--fail-fast', 'start nothing more after the first failure', false)
    .addOption(waitTimeoutOption())
    .addOption(callTimeoutOption())
    .addOption(formatOption('text', 'json', 'jsonl'))
    .action(run(async () => (await import('../commands/apply.ts')).rollbackCommand));
  addExpectationOptions(rollingBack);
  addOutputOptions(rollingBack);
}
