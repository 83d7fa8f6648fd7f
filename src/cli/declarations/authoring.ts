import { Argument } from 'commander';
import type { Declarer } from './declarer.ts';
import { addOutputOptions, driverOption, formatOption, reportFormatOption } from './options.ts';

/** Commands for those who write manifests. */
export function declareAuthoring({ command, run }: Declarer): void {
  command('init', 'write a commented project to start from', ['aac init my-agents && aac apply my-agents'])
    .argument('[directory]', 'where to', '.')
    .action(run(async () => (await import('../commands/init.ts')).init));

  command('schema', 'print the JSON Schema of agent.yaml for editors, or of plans for programs', [
    'aac schema > agent.schema.json   # then: # yaml-language-server: $schema=agent.schema.json',
    'aac schema plan > plan.schema.json',
  ])
    .addArgument(new Argument('[kind]', 'which document').choices(['agent', 'project', 'plan']).default('agent'))
    .action(run(async () => (await import('../commands/schema.ts')).schema));

  const validating = command('validate', 'check every manifest and say everything that is wrong with them', [
    'aac validate manifests/',
    'aac validate --format github --out-sarif aac.sarif',
  ])
    .argument('[path]', 'a manifest, or a directory that is searched for them', '.')
    .addOption(driverOption())
    .addOption(reportFormatOption())
    .action(run(async () => (await import('../commands/validate.ts')).validate));
  addOutputOptions(validating);

  command('graph', 'print what depends on what, as a Mermaid flowchart', [
    'aac graph manifests/ > graph.mmd',
    'aac graph --format json',
  ])
    .argument('[path]', 'a manifest, or a directory that is searched for them', '.')
    .addOption(formatOption('mermaid', 'json'))
    .action(run(async () => (await import('../commands/graph.ts')).graph));

  command('doctor', 'say what of this machine aac can use, and what is missing; 1 when the manifests ask for more', [
    'aac doctor',
    'aac doctor manifests/ --format json',
  ])
    .argument('[path]', 'the manifests, or their directory', '.')
    .addOption(formatOption('text', 'json'))
    .action(run(async () => (await import('../commands/doctor.ts')).doctor));

  command('completion', 'print a script that completes commands, options and agents in your shell', [
    'source <(aac completion bash)   # in ~/.bashrc; with zsh the same, in ~/.zshrc',
    'aac completion fish > ~/.config/fish/completions/aac.fish',
  ])
    .addArgument(new Argument('<shell>', 'which').choices(['bash', 'zsh', 'fish']))
    .action(run(async () => (await import('../commands/completion.ts')).completion));
}
