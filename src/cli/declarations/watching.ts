import { Option } from 'commander';
import type { Declarer } from './declarer.ts';
import { duration, listenAddress } from './options.ts';

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
    .option('--resync <cron>', 'look anew at these times; every minute unless the project says otherwise')
    .addOption(
      new Option(
        '--listen <address>',
        'serve /metrics, /healthz, /readyz and /status there, such as 127.0.0.1:9464',
      ).argParser(listenAddress),
    )
    .action(run(async () => (await import('../commands/watch.ts')).watchCommand));
}
