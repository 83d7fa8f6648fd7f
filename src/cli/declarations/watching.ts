import { InvalidArgumentError, Option } from 'commander';
import type { Declarer } from './declarer.ts';
import { duration, formatOption, listenAddress } from './options.ts';

/** The command that keeps a directory in sync. */
export function declareWatching({ command, run }: Declarer): void {
  const others = (...names: readonly string[]): string[] =>
    ['once', 'detach', 'status', 'stop', 'printUnit'].filter((name) => !names.includes(name));
  command('watch', 'keep what runs as the directory says and restart what crashes, until Ctrl-C; agents go on then', [
    'aac watch manifests/',
    'aac watch --detach   # in the background; --status and --stop see to it later',
    'aac watch --listen 127.0.0.1:9464   # for Prometheus',
    'aac watch --once   # one run, as a cron job would',
    'aac watch --print-unit > ~/.config/systemd/user/aac.service',
  ])
    .argument('[path]', 'a manifest, or a directory that is searched for them', '.')
    .addOption(new Option('--once', 'one run, then end').conflicts(others('once')))
    .addOption(new Option('--detach', 'watch in the background').conflicts(others('detach')))
    .addOption(new Option('--status', 'say who watches; 1 when nobody does').conflicts(others('status')))
    .addOption(new Option('--stop', 'end the watch that runs; agents go on running').conflicts(others('stop')))
    .addOption(new Option('--print-unit', 'print a systemd user unit that watches').conflicts(others('printUnit')))
    .addOption(
      new Option('--debounce <duration>', 'wait so long for things to calm down')
        .argParser(duration)
        .default(300, '300ms'),
    )
    .addOption(
      new Option('--scale-interval <duration>', 'look so often at the load of autoscaled agents')
        .argParser(scaleInterval)
        .default(15_000, '15s'),
    )
    .option('--resync <cron>', 'look anew at these times; every minute unless the project says otherwise')
    .addOption(
      new Option(
        '--listen <address>',
        'serve /metrics, /healthz, /readyz and /status there, such as 127.0.0.1:9464',
      ).argParser(listenAddress),
    )
    .addOption(new Option('--dry-run', 'say what would be done, and do nothing').conflicts('detach'))
    .option('--no-heal', 'tell what was changed outside aac, and leave it; also `sync.selfHeal: false`')
    .option('--no-prune', 'leave what no manifest declares any more; also `sync.prune: false`')
    .option('--ignore-windows', 'make changes at any time, whatever `sync.windows` says')
    .action(run(async () => (await import('../commands/watch.ts')).watchCommand));
  command('suspend', 'have `aac watch` leave agents, or the whole workspace, as they are', [
    'aac suspend web   # now it can be stopped or changed by hand',
    'aac suspend   # everything of the workspace',
  ])
    .argument('[agents...]', 'names of agents; without any, the whole workspace')
    .option('--path <path>', 'a manifest, or a directory that is searched for them', '.')
    .addOption(formatOption('text', 'json'))
    .action(run(async () => (await import('../commands/suspend.ts')).suspendCommand));
  command('resume', 'have `aac watch` see to suspended agents again', [
    'aac resume web',
    'aac resume   # whatever is suspended',
  ])
    .argument('[agents...]', 'names of agents; without any, all that is suspended')
    .option('--path <path>', 'a manifest, or a directory that is searched for them', '.')
    .addOption(formatOption('text', 'json'))
    .action(run(async () => (await import('../commands/suspend.ts')).resumeCommand));
}

/** Rates over less than a second say more of the moment than of the load. */
function scaleInterval(text: string): number {
  const interval = duration(text);
  if (interval < 1_000) throw new InvalidArgumentError('it takes a duration of a second or more');
  return interval;
}
