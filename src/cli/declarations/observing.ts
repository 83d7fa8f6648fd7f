import { Option } from 'commander';
import type { Declarer } from './declarer.ts';
import { duration, formatOption, pointInTime } from './options.ts';

/** Commands for those who look at what runs. */
export function declareObserving({ command, run }: Declarer): void {
  command('stats', 'show what agents use: cpu of one core, memory without caches, network, disk, processes', [
    'aac stats',
    'aac stats web --once --format json',
    'aac stats --format json --interval 10s   # a line of JSON every ten seconds',
  ])
    .argument('[agents...]', 'agents or replicas, such as web or web/0; all that run when none is named')
    .option('--once', 'measure once, then end', false)
    .addOption(new Option('--interval <duration>', 'measure so often').argParser(duration).default(2_000, '2s'))
    .option('--path <path>', 'the manifests, or their directory', '.')
    .addOption(formatOption('text', 'json'))
    .action(run(async () => (await import('../commands/stats.ts')).stats));

  command('events', 'show what happens to agents, as it happens, and what aac does', [
    'aac events',
    'aac events web --since 10m   # and what is still known of the last ten minutes',
    'aac events --format jsonl',
  ])
    .argument('[agents...]', 'agents or replicas, such as web or web/0; all when none is named')
    .addOption(
      new Option('--since <when>', 'begin with what happened then: `10m`, `2026-01-31T09:30:00Z`').argParser(
        pointInTime(() => Date.now()),
      ),
    )
    .option('--path <path>', 'the manifests, or their directory', '.')
    .addOption(formatOption('text', 'jsonl'))
    .action(run(async () => (await import('../commands/events.ts')).events));
}
