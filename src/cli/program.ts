import { Command, Option } from 'commander';
import type { CommandContext } from './context.ts';
import { declareAuthoring } from './declarations/authoring.ts';
import type { Declarer } from './declarations/declarer.ts';
import { declareEgress } from './declarations/egress.ts';
import { declareObserving } from './declarations/observing.ts';
import { declareHistory } from './declarations/history.ts';
import { declareOperating } from './declarations/operating.ts';
import { declarePlanning } from './declarations/planning.ts';
import { declareRunning } from './declarations/running.ts';
import { declareWatching } from './declarations/watching.ts';
import { version } from './version.ts';

/** What a command reports to `main`. */
export interface ProgramHooks {
  /** One of aac's own exit codes, or that of an agent or command. */
  finish(code: number): void;
  openLog(level: string): Promise<void>;
}

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

  const declarer: Declarer = {
    command: (name, description, examples, parent = program) =>
      parent
        .command(name)
        .description(description)
        .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}\n`),
    run:
      (load) =>
      async (argument, options): Promise<void> => {
        const action = await load();
        hooks.finish(await action(context, argument as never, options));
      },
  };
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: readonly string[]) => {
      const { completeWords } = await import('./commands/completion.ts');
      hooks.finish(await completeWords(context, program, words));
    });
  program.commandsGroup('Manifests:');
  declareAuthoring(declarer);
  program.commandsGroup('Plan and apply:');
  declarePlanning(declarer);
  declareHistory(declarer);
  program.commandsGroup('Keep in sync:');
  declareWatching(declarer);
  program.commandsGroup('Look and operate:');
  declareOperating(declarer);
  declareObserving(declarer);
  declareEgress(declarer);
  program.commandsGroup('Run without a file:');
  declareRunning(declarer);
  return program;
}
