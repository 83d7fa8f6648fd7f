import { Option } from 'commander';
import type { Declarer } from './declarer.ts';
import {
  callTimeoutOption,
  duration,
  formatOption,
  pointInTime,
  regularExpression,
  waitTimeoutOption,
  wholeNumber,
} from './options.ts';

const past = pointInTime(() => Date.now());

/** Commands for those who live with what runs. */
export function declareOperating({ command, run }: Declarer): void {
  command('ps', 'list the agents that run, and those that ended badly', [
    'aac ps manifests/',
    'aac ps --all --format json',
    'aac ps --watch',
  ])
    .alias('list')
    .argument('[path]', 'the manifests, or their directory', '.')
    .option('-a, --all', 'list stopped agents too, and those that are declared and missing', false)
    .option('-w, --watch', 'go on showing them as they change', false)
    .addOption(formatOption('text', 'json'))
    .action(run(async () => (await import('../commands/ps.ts')).ps));

  command('logs', 'show what agents print; names are agents or replicas, such as web or web/0', [
    'aac logs -f web',
    'aac logs --tail 20 --path manifests/',
    'aac logs web worker --since 10m --timestamps --grep "error|warn"',
  ])
    .argument('[agents...]', 'which agents; all when none is named')
    .option('-f, --follow', 'go on as more is printed', false)
    .addOption(new Option('-n, --tail <lines>', 'only the last lines of each agent').argParser(wholeNumber(0)))
    .addOption(new Option('--since <time>', 'only from then on: 10m ago, or 2026-01-31T09:30:00Z').argParser(past))
    .addOption(new Option('--until <time>', 'only up to then').argParser(past))
    .option('-t, --timestamps', 'show when each line was printed, where that is known', false)
    .addOption(new Option('--grep <regex>', 'of these lines only those that match').argParser(regularExpression))
    .option('--path <path>', 'the manifests, or their directory', '.')
    .addOption(formatOption('text', 'jsonl'))
    .action(run(async () => (await import('../commands/logs.ts')).logs));

  command('inspect', 'show what is asked for, what was applied, what runs, and what differs', [
    'aac inspect web',
    'aac inspect web/0 --format json',
  ])
    .argument('[agents...]', 'which agents; all when none is named')
    .option('--path <path>', 'the manifests, or their directory', '.')
    .addOption(formatOption('yaml', 'json'))
    .action(run(async () => (await import('../commands/inspect.ts')).inspect));

  command('forget', 'let go of agents that no manifest declares any more, or of a driver, without stopping anything', [
    'aac forget legacy',
    'aac forget --driver docker   # its engine is gone for good',
  ])
    .argument('[agents...]', 'which agents')
    .addOption(
      new Option('--driver <name>', 'all that may have been made with this driver').choices(['docker', 'process']),
    )
    .option('--path <path>', 'the manifests, or their directory', '.')
    .addOption(formatOption('text', 'json'))
    .action(run(async () => (await import('../commands/forget.ts')).forget));

  for (const { name, description, examples, load } of operations) {
    const declared = command(name, description, examples)
      .argument('[agents...]', 'agents or replicas, such as web or web/0')
      .option('-a, --all', 'every agent that stands', false)
      .option('--path <path>', 'the manifests, or their directory', '.')
      .addOption(formatOption('text', 'json', 'jsonl'));
    if (name !== 'start') declared.addOption(graceOption());
    if (name !== 'stop') declared.addOption(waitTimeoutOption());
    declared.addOption(callTimeoutOption()).action(run(load));
  }
}

const operations = [
  {
    name: 'stop',
    description: 'stop agents, those that depend on others first; what they are made of stays',
    examples: ['aac stop web', 'aac stop web/0 db --timeout 5s', 'aac stop --all'],
    load: async () => (await import('../commands/operate.ts')).stop,
  },
  {
    name: 'start',
    description: 'start agents that were stopped or have ended, as they stand, and wait until they are ready',
    examples: ['aac start web', 'aac start --all --path manifests/'],
    load: async () => (await import('../commands/operate.ts')).start,
  },
  {
    name: 'restart',
    description: 'stop agents and start them again, as they stand',
    examples: ['aac restart web', 'aac restart --all --timeout 5s'],
    load: async () => (await import('../commands/operate.ts')).restart,
  },
] as const;

function graceOption(): Option {
  return new Option(
    '-t, --timeout <duration>',
    'between the stop signal and the kill, instead of what the manifest says',
  ).argParser(duration);
}
