import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../model/duration.ts';
import type { CommandContext } from './context.ts';
import type { ExitCode } from './exit-codes.ts';
import { version } from './version.ts';

/** What a command reports to `main`. */
export interface ProgramHooks {
  finish(code: ExitCode): void;
  openLog(level: string): Promise<void>;
}

type Run<Options> = (context: CommandContext, argument: never, options: Options) => Promise<ExitCode>;

/**
 * All commands, their options and their help. A command's own module is loaded only when it runs, so that `--help`
 * costs nothing.
 */
export function buildProgram(context: CommandContext, hooks: ProgramHooks): Command {
  const program = new Command('aac')
    .description('Plan and apply for agent containers: what the agent.yaml files say is what runs.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpCommand(false)
    .showSuggestionAfterError()
    .showHelpAfterError('run it with --help to see what it takes')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.terminal.out(text),
      writeErr: (text) => context.terminal.error(text),
    })
    .addOption(
      new Option('--log-level <level>', 'write the diagnostics log to stderr as JSON lines').choices([
        'debug',
        'info',
        'warn',
        'silent',
      ]),
    )
    .hook('preAction', async (root) => {
      const { logLevel } = root.opts<{ logLevel?: string }>();
      if (logLevel !== undefined) await hooks.openLog(logLevel);
    });

  const command = (name: string, description: string, examples: readonly string[]): Command =>
    program
      .command(name)
      .description(description)
      .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}\n`);
  const run =
    <Options>(load: () => Promise<Run<Options>>) =>
    async (argument: unknown, options: Options): Promise<void> => {
      const action = await load();
      hooks.finish(await action(context, argument as never, options));
    };

  command('init', 'write a commented project to start from', ['aac init my-agents && aac apply my-agents'])
    .argument('[directory]', 'where to', '.')
    .action(run(async () => (await import('./commands/init.ts')).init));

  command('schema', 'print the JSON Schema of agent.yaml, for editors', [
    'aac schema > agent.schema.json   # then: # yaml-language-server: $schema=agent.schema.json',
  ])
    .addArgument(new Argument('[kind]', 'which document').choices(['agent', 'project']).default('agent'))
    .action(run(async () => (await import('./commands/schema.ts')).schema));

  command('validate', 'check every manifest and say everything that is wrong with them', ['aac validate manifests/'])
    .argument('[path]', 'a manifest, or a directory that is searched for them', '.')
    .addOption(driverOption())
    .addOption(formatOption('text', 'json'))
    .action(run(async () => (await import('./commands/validate.ts')).validate));

  command('plan', 'show what apply would do, and why; changes nothing', [
    'aac plan manifests/',
    'aac plan --out plan.json && aac apply plan.json',
    'aac plan --detailed-exitcode   # 0 no change, 1 error, 2 changes',
  ])
    .argument('[path]', 'a manifest, or a directory that is searched for them', '.')
    .option('--out <file>', 'save the plan, to be applied exactly as it is')
    .option('--detailed-exitcode', 'end with 2 when there is something to do', false)
    .option('--destroy', 'plan the removal of everything', false)
    .option('--volumes', 'with --destroy: remove named volumes and what is in them', false)
    .addOption(targetOption())
    .addOption(replaceOption())
    .addOption(secretsOption())
    .addOption(driverOption())
    .addOption(waitTimeoutOption())
    .addOption(formatOption('text', 'json'))
    .action(run(async () => (await import('./commands/plan.ts')).planCommand));

  command('apply', 'plan, ask, and carry the plan out', [
    'aac apply manifests/',
    'aac apply plan.json',
    'aac apply --auto-approve --expect "$DIGEST"',
  ])
    .argument('[path]', 'manifests, or a plan that `aac plan --out` saved', '.')
    .option('--auto-approve', 'do not ask', false)
    .option('--expect <digest>', 'refuse unless the plan has this digest')
    .addOption(targetOption())
    .addOption(replaceOption())
    .addOption(secretsOption())
    .addOption(driverOption())
    .addOption(parallelismOption())
    .option('--fail-fast', 'start nothing more after the first failure', false)
    .addOption(waitTimeoutOption())
    .addOption(callTimeoutOption())
    .addOption(formatOption('text', 'json', 'jsonl'))
    .action(run(async () => (await import('./commands/apply.ts')).applyCommand));

  command('destroy', 'remove everything that was applied from here; named volumes are kept', [
    'aac destroy manifests/',
    'aac destroy --volumes --auto-approve',
  ])
    .argument('[path]', 'a manifest, or a directory that is searched for them', '.')
    .option('--auto-approve', 'do not ask', false)
    .option('--volumes', 'remove named volumes and what is in them', false)
    .addOption(targetOption())
    .addOption(parallelismOption())
    .option('--fail-fast', 'start nothing more after the first failure', false)
    .addOption(callTimeoutOption())
    .addOption(formatOption('text', 'json', 'jsonl'))
    .action(run(async () => (await import('./commands/apply.ts')).destroyCommand));

  command('drift', 'say what was changed outside of aac; 2 when there is any', ['aac drift manifests/'])
    .argument('[path]', 'a manifest, or a directory that is searched for them', '.')
    .addOption(driverOption())
    .addOption(formatOption('text', 'json'))
    .action(run(async () => (await import('./commands/drift.ts')).drift));

  const others = (...names: readonly string[]): string[] =>
    ['once', 'detach', 'status', 'stop', 'printUnit'].filter((name) => !names.includes(name));
  command('watch', 'keep what runs as the directory says and restart what crashes, until Ctrl-C; agents go on then', [
    'aac watch manifests/',
    'aac watch --detach   # in the background; --status and --stop see to it later',
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
    .action(run(async () => (await import('./commands/watch.ts')).watchCommand));

  command('ps', 'list the agents that run', ['aac ps manifests/', 'aac ps --all --format json'])
    .alias('list')
    .argument('[path]', 'the manifests, or their directory', '.')
    .option('-a, --all', 'list stopped agents too', false)
    .addOption(formatOption('text', 'json'))
    .action(run(async () => (await import('./commands/ps.ts')).ps));

  command('logs', 'show what agents print; names are agents or replicas, such as web or web/0', [
    'aac logs -f web',
    'aac logs --tail 20 --path manifests/',
  ])
    .argument('[agents...]', 'which agents; all when none is named')
    .option('-f, --follow', 'go on as more is printed', false)
    .addOption(new Option('-n, --tail <lines>', 'only the last lines').argParser(wholeNumber(0)))
    .option('--path <path>', 'the manifests, or their directory', '.')
    .addOption(formatOption('text', 'jsonl'))
    .action(run(async () => (await import('./commands/logs.ts')).logs));

  return program;
}

function driverOption(): Option {
  return new Option('--driver <name>', 'run all agents with this driver').choices(['docker', 'process']);
}

function formatOption(...choices: readonly string[]): Option {
  return new Option('--format <format>', 'how to print the result').choices(choices).default(choices[0]);
}

function targetOption(): Option {
  return new Option('--target <agent>', 'only this agent and what it depends on; may be repeated').argParser(collect);
}

function replaceOption(): Option {
  return new Option('--replace <agent>', 'replace this agent although nothing differs; may be repeated').argParser(
    collect,
  );
}

function secretsOption(): Option {
  return new Option('--secrets <how>', 'unchanged: do not read secrets and take them for unchanged, with a warning')
    .choices(['read', 'unchanged'])
    .default('read');
}

function parallelismOption(): Option {
  return new Option('--parallelism <count>', 'at most so many calls at once').argParser(wholeNumber(1));
}

function waitTimeoutOption(): Option {
  return new Option('--wait-timeout <duration>', 'wait at most so long for an agent to get ready').argParser(duration);
}

function callTimeoutOption(): Option {
  return new Option('--call-timeout <duration>', 'give up on an engine call that takes longer').argParser(duration);
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) < least) {
      throw new InvalidArgumentError(`it takes a whole number from ${String(least)}`);
    }
    return Number(text);
  };
}

function duration(text: string): number {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new InvalidArgumentError('it takes a duration such as `30s` or `1m30s`');
  return parsed.value;
}
