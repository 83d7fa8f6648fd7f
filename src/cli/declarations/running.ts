import { Option } from 'commander';
import type { Declarer } from './declarer.ts';
import { collect, formatOption } from './options.ts';

/** Commands that run one thing: an agent without a file, or a command beside an agent. */
export function declareRunning({ command, run }: Declarer): void {
  command('run', 'run one agent without a file and stay with it: Ctrl-C stops it, a second Ctrl-C kills it', [
    'aac run --rm -it alpine:3 -- sh',
    'aac run -d --name web -p 8080:80 nginx:1   # then: aac logs web, aac rm --force web',
    'aac run --driver process -- node server.js',
  ])
    .argument('[image]', 'the image; with the process driver, the first word of the command')
    .argument('[command...]', 'what it is to run, after `--`')
    .option('--name <name>', 'how to call it; a name is made up unless given')
    .option('-d, --detach', 'leave it running once it is ready, and print its id, name and ports', false)
    .option('-i, --interactive', 'pass on what is typed or piped in', false)
    .option('-t, --tty', 'give it a terminal', false)
    .addOption(new Option('--rm', 'remove it when it has ended').default(false).conflicts('detach'))
    .addOption(repeated('-p, --publish <port>', 'publish a port: [[ip:]host:]container[/protocol]; 0 is any free one'))
    .addOption(repeated('-e, --env <variable>', 'set a variable: NAME=value, or NAME for the one of the caller'))
    .addOption(repeated('--env-file <file>', 'set the variables of a file'))
    .addOption(repeated('-v, --volume <volume>', 'mount: path:/target[:ro], name:/target, tmpfs:/target'))
    .addOption(repeated('-l, --label <label>', 'label it: key=value'))
    .option('--network <name>', 'a network of the project, or bridge, host or none')
    .option('-m, --memory <amount>', 'at most so much memory, such as 512Mi')
    .option('--cpus <amount>', 'at most so many cores, such as 1.5 or 500m')
    .option('-u, --user <id>', 'run as this user: uid or uid:gid')
    .option('-w, --workdir <folder>', 'run in this folder')
    .option('--entrypoint <command>', 'instead of the entrypoint of the image')
    .addOption(new Option('--pull <when>', 'pull the image').choices(['missing', 'always', 'never']).default('missing'))
    .addOption(
      new Option('--restart <policy>', 'start it again when it ends; needs --detach')
        .choices(['no', 'on-failure', 'always'])
        .conflicts('rm'),
    )
    .option('--stop-signal <signal>', 'what stops it; SIGTERM unless given')
    .option('--stop-timeout <duration>', 'how long it may take to stop, such as 30s')
    .option('-q, --quiet', 'print nothing but what the agent prints', false)
    .addOption(new Option('--driver <name>', 'what runs it').choices(['docker', 'process']))
    .option('--path <path>', 'a directory of the project it belongs to', '.')
    .addOption(formatOption('text', 'json'))
    .addHelpText(
      'after',
      `
It belongs to the project of the directory, shares its networks and defaults, and is listed by ps; plan, apply and
destroy pass it by. Ends with the exit code of the agent: 125 when aac could not run it, 126 when the command cannot be
executed, 127 when it is not there.
`,
    )
    .action(variadic(run(async () => (await import('../commands/run.ts')).run)));

  command('exec', 'run a command in an agent that runs, with its variables and in its folder', [
    'aac exec web -- ls -l',
    'aac exec -it web/0 -- sh',
    'echo hello | aac exec -i web -- cat',
  ])
    .argument('<agent>', 'the agent, or one replica of it: web or web/0')
    .argument('<command...>', 'the command, after `--`')
    .option('-i, --interactive', 'pass on what is typed or piped in', false)
    .option('-t, --tty', 'give it a terminal', false)
    .addOption(repeated('-e, --env <variable>', 'set a variable on top: NAME=value, or NAME for the one of the caller'))
    .option('-w, --workdir <folder>', 'run in this folder')
    .option('--path <path>', 'the manifests, or their directory', '.')
    .addHelpText('after', '\nEnds with the exit code of the command, or 125 when aac could not run it.\n')
    .action(variadic(run(async () => (await import('../commands/exec.ts')).exec)));

  command('rm', 'remove agents that `aac run` started', ['aac rm web', 'aac rm --force web'])
    .argument('<agents...>', 'their names')
    .option('-f, --force', 'stop those that run', false)
    .option('--path <path>', 'a directory of their project', '.')
    .action(run(async () => (await import('../commands/rm.ts')).rm));
}

function repeated(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be repeated`).argParser(collect);
}

/** Two arguments, the second a list, as one list of words. */
function variadic<Options>(
  action: (argument: unknown, options: Options) => Promise<void>,
): (first: string | undefined, rest: readonly string[], options: Options) => Promise<void> {
  return (first, rest, options) => action(first === undefined ? rest : [first, ...rest], options);
}
