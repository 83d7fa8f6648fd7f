import { Option } from 'commander';
import type { Declarer } from './declarer.ts';
import { formatOption, wholeNumber } from './options.ts';

/** Commands for those who live with what runs. */
export function declareOperating({ command, run }: Declarer): void {
  command('ps', 'list the agents that run', ['aac ps manifests/', 'aac ps --all --format json'])
    .alias('list')
    .argument('[path]', 'the manifests, or their directory', '.')
    .option('-a, --all', 'list stopped agents too', false)
    .addOption(formatOption('text', 'json'))
    .action(run(async () => (await import('../commands/ps.ts')).ps));

  command('logs', 'show what agents print; names are agents or replicas, such as web or web/0', [
    'aac logs -f web',
    'aac logs --tail 20 --path manifests/',
  ])
    .argument('[agents...]', 'which agents; all when none is named')
    .option('-f, --follow', 'go on as more is printed', false)
    .addOption(new Option('-n, --tail <lines>', 'only the last lines').argParser(wholeNumber(0)))
    .option('--path <path>', 'the manifests, or their directory', '.')
    .addOption(formatOption('text', 'jsonl'))
    .action(run(async () => (await import('../commands/logs.ts')).logs));
}
